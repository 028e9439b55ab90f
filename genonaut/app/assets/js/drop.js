/* A picture that is dropped on the page, or chosen, brings its recipe. */
{
  const veil = G.one('#drop'), button = G.one('#load-image-button');
  let depth = 0;
  const say = texts => G.stay(texts, 'drop', 'alert');

  const load = async file => {
    G.settle('drop');
    const answer = await fetch('/ui/recipe-from-image', { method: 'POST', body: file }).catch(() => null);
    if (!answer) return say(['The server does not answer. The picture was not read.']);
    const told = await answer.json();
    if (!answer.ok) return say([`${file.name}: ${told.detail}.`]);
    const separator = told.url.includes('?') ? '&' : '?';
    await htmx.ajax('GET', `${told.url}${separator}replace=1`, { swap: 'none', target: '#stage' });
    if (told.notices.length) say(told.notices);
    else G.one('#announce').textContent = 'Parameters loaded from the picture.';
  };

  if (veil) {
    const show = on => { depth = on ? depth : 0; veil.hidden = !on; };
    const files = event => [...event.dataTransfer?.types ?? []].includes('Files');
    addEventListener('dragenter', event => { if (files(event)) { depth++; show(true); } });
    addEventListener('dragleave', event => { if (files(event) && --depth <= 0) show(false); });
    addEventListener('dragover', event => { if (files(event)) event.preventDefault(); });
    addEventListener('drop', event => {
      if (!files(event)) return;
      event.preventDefault();
      show(false);
      if (event.dataTransfer.files.length) load(event.dataTransfer.files[0]);
    });
    const chooser = G.one('#load-image');
    button.addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => { if (chooser.files.length) load(chooser.files[0]); chooser.value = ''; });
  }
}
