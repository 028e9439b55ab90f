/* The recipe's form: what is chosen shows at once, what is typed is never lost, the address is the recipe. */
{
  const form = G.one('#recipe'), prompts = G.all('#recipe textarea');

  /* The server's answer replaces this. It is here so that a second choice, made before the answer
     to the first has come, is sent with the first one in it. */
  const chosen = (name, value) => {
    if (name === 'checkpoint') G.one('#checkpoint').value = value;
    if (name === 'fit') G.all('[name=fit]').forEach(radio => { radio.checked = radio.value === value; });
    if (name !== 'add' && name !== 'remove') return;
    G.all('#loras [name=lora]').filter(field => field.value === value).forEach(field => field.remove());
    if (name === 'add') G.one('#loras').append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'lora', value }));
    document.getElementById(`add-${value}`)?.setAttribute('aria-pressed', name === 'add');
  };

  /* Removing a row takes the focused button away: its neighbour gets the focus. */
  const keepFocus = button => {
    const all = G.all('#loras [name=remove]'), at = all.indexOf(button);
    if (at < 0) return;
    const next = (all[at + 1] ?? all[at - 1])?.id ?? 'add-lora';
    G.on('htmx:after:swap', () => document.getElementById(next)?.focus(), { once: true });
  };

  if (form) {
    G.on('submit', ({ target, submitter }) => {
      if (target !== form || !submitter?.name) return;
      keepFocus(submitter);
      chosen(submitter.name, submitter.value);
      if (submitter.name === 'cursor') G.on('htmx:after:swap', showCards, { once: true });
    }, true);
    G.on('change', event => { if (event.target.name === 'fit') form.requestSubmit(); });
    G.on('input', event => { if (prompts.includes(event.target)) soon(); });
    addEventListener('pagehide', write);
  }

  /* A new page of cards begins at its top, and the keyboard goes on from there. */
  const showCards = () => {
    const results = G.one('#picker-results');
    results.scrollTop = 0;
    results.focus({ preventScroll: true });
    if (results.getBoundingClientRect().top < 0) G.one('#picker').scrollIntoView();
  };

  /* The prompts' place in the address, without an entry in the history for every letter. At once
     when it is quiet, so that a reload right after has it; seldom while typing, as browsers demand. */
  let timer, last = 0;
  function soon() { clearTimeout(timer); timer = setTimeout(write, Math.max(0, last + 400 - performance.now())); }
  G.remember = write;
  function write() {
    clearTimeout(timer);
    last = performance.now();
    const url = new URL(location);
    for (const box of prompts) box.value ? url.searchParams.set(box.name, box.value) : url.searchParams.delete(box.name);
    /* Servers and chats cut long addresses; better the one before than half a recipe. */
    if (url.href !== location.href && url.href.length < 16000) history.replaceState(history.state, '', url);
  }

  G.on('htmx:config:request', ({ detail: { ctx } }) => {
    if (ctx.sourceElement === form) ctx.request.body.delete('checkpoint_q');
  });
  /* What was typed while the request was under way belongs into the new address too. */
  G.on('htmx:after:history:update', write);

  /* Back and forward bring models back, but leave the prompts as they are typed. */
  G.on('htmx:before:history:restore', event => {
    event.preventDefault();
    const query = new URL(location).searchParams;
    G.one('#picker-q').value = query.get('q') ?? '';
    chosen('fit', query.get('fit') ?? 'any');
    for (const box of prompts) query.set(box.name, box.value);
    htmx.ajax('GET', `/?${query}`, { target: form, swap: 'none', request: { headers: { 'HX-History-Restore-Request': 'true' } } });
  });

  /* No answer at all: say so where the server would have. */
  G.on('htmx:error', () => {
    const note = Object.assign(document.createElement('p'), { className: 'alert', role: 'alert', textContent: 'The server does not answer. What you typed is still here.' });
    G.one('#notices')?.replaceChildren(note);
  });
}
