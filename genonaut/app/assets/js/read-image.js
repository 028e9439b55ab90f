/* Reads the recipe out of an image; loaded when somebody brings one. */
{
  const element = (name, fields, ...inside) => { const made = Object.assign(document.createElement(name), fields); made.append(...inside); return made; };
  const say = text => G.stay([text], 'drop', 'alert');
  /* What of the image is not in the recipe as it was written. It stays until the next change, above what else there is to say. */
  const report = (name, { changed, left_out: left, assumed }) => {
    const list = (title, texts) => texts.length ? [element('p', { textContent: title }), element('ul', {}, ...texts.map(text => element('li', { textContent: text })))] : [];
    const title = element('strong', { textContent: `${name}: some settings were not imported` });
    const box = element('div', { className: 'alert report', role: 'alert' }, title, ...list('Changed', changed), ...list('Ignored', left), ...list('Not in the image', assumed));
    box.dataset.testid = 'image-report';
    G.one('#notices').prepend(box);
    box.scrollIntoView({ block: 'nearest' });
  };

  G.readImage = async file => {
    G.settle('drop');
    const answer = await fetch('/ui/recipe-from-image', { method: 'POST', body: file }).catch(() => null);
    if (!answer) return say(`${file.name}: Cannot reach the server. The image was not read.`);
    const read = await answer.json().catch(() => ({ detail: `the server rejected the file (HTTP ${answer.status})` }));
    if (!answer.ok) return say(`${file.name}: ${read.detail}.`);
    const separator = read.url.includes('?') ? '&' : '?';
    let failed = false;
    /* What is only partly wrong is shown all the same. */
    const fail = ({ detail }) => { const status = detail.ctx?.response?.status; failed ||= !status || status >= 500 || status === 404 || status === 414; };
    G.on('htmx:response:error', fail);
    G.on('htmx:error', fail);
    await htmx.ajax('GET', `${read.url}${separator}replace=1`, { swap: 'none', target: '#stage' });
    document.removeEventListener('htmx:response:error', fail);
    document.removeEventListener('htmx:error', fail);
    if (failed) return;
    if (read.notices.length) report(file.name, read);
    else G.one('#announce').textContent = 'Parameters loaded from the image.';
  };
}
