/* The recipe's form: what is chosen shows at once, what is typed is never lost, the address is the recipe. */
{
  const form = G.one('#recipe');

  /* The server's answer replaces this. It is here so that a second choice, made before the answer
     to the first has come, is sent with the first one in it. */
  const chosen = (name, value) => {
    const checkpoint = G.one('#checkpoint');
    if (name === 'checkpoint' && checkpoint) checkpoint.value = value;
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

  /* A new page of cards begins at its top, and the keyboard goes on from there. */
  const showCards = () => {
    const results = G.one('#picker-results');
    results.scrollTop = 0;
    results.focus({ preventScroll: true });
  };

  if (form) {
    G.on('submit', ({ target, submitter }) => {
      if (target !== form || !submitter?.name) return;
      if (submitter.name === 'remove') { G.forget?.(submitter.value); keepFocus(submitter); }
      if (submitter.name === 'seed' || submitter.name === 'random') G.one('#seed').value = '';
      if (submitter.name === 'use_seed') G.one('#seed').value = submitter.value;
      if (['random', 'use_seed'].includes(submitter.name)) G.one('#random').setAttribute('aria-pressed', !G.one('#seed').value);
      chosen(submitter.name, submitter.value);
      if (submitter.name === 'cursor') G.on('htmx:after:swap', showCards, { once: true });
    }, true);
    const isQuiet = target => target.matches('textarea, [type=search], [type=file], #images, #hist-filter, #ckpt-sort');
    /* A choice brings its own address with the answer; one written before that would take the place of the one to go back to. */
    const isChoice = target => target.matches('[type=checkbox], [type=radio], select') && !isQuiet(target);
    G.on('input', ({ target }) => { if (target.form === form && target.name && target.type !== 'search' && !isChoice(target)) soon(); });
    /* A finished choice is judged by the server; prompts are not, and neither is what only Generate needs. */
    G.on('change', ({ target }) => {
      const quiet = isQuiet(target);
      if (target.form === form && target.id === 'seed') G.one('#random').setAttribute('aria-pressed', !target.value);
      if (target.form === form && !quiet && target.id !== 'seed') form.requestSubmit();
    });
    const { length } = location.href;
    /* A page that shows the kept draft has its address too, so that back leads to it. */
    if (length < 16000 && !new URLSearchParams(location.search).has('checkpoint')) history.replaceState(history.state, '', form.dataset.url);
    /* A link that is too long to be sent along with every request becomes the draft, and has its address once that is kept. */
    if (length >= 16000) setTimeout(write);
    G.hear('models', G.seldom(1500, offers));
    addEventListener('pagehide', () => navigator.sendBeacon('/ui/draft', compact()));
  }

  /* The draft on the server and the recipe's place in the address, without an entry in the history for every letter. */
  let timer, last = 0;
  const fields = () => new URLSearchParams(new FormData(form));
  G.fields = fields;
  /* Only what separates is escaped: browsers send at most 64 KiB when a page is left, a third of what long prompts take otherwise. */
  const compact = () => [...new FormData(form)].map(pair => pair.map(text => String(text).replace(/[%&+=]/g, encodeURIComponent)).join('=')).join('&');
  function soon() { clearTimeout(timer); timer = setTimeout(write, Math.max(0, last + 400 - performance.now())); }
  G.remember = soon;
  async function write() {
    clearTimeout(timer);
    last = performance.now();
    /* At once, for a reload right after a key; the server's form of the address follows. */
    const url = new URL(location);
    for (const box of G.all('#recipe textarea')) box.value ? url.searchParams.set(box.name, box.value) : url.searchParams.delete(box.name);
    if (url.href !== location.href && url.href.length < 16000) history.replaceState(history.state, '', url);
    const began = last, here = location.href;
    const answer = await fetch('/ui/draft', { method: 'PUT', body: fields() }).catch(() => null);
    const place = answer?.headers.get('location');
    /* A recipe too long for an address is at the draft's. Who went back meanwhile is at another. */
    if (place && began === last && here === location.href) history.replaceState(history.state, '', place);
  }

  /* Stars came: the checkpoint has others, and something else may be rated highest. Only texts are put in, never a field. */
  async function offers() {
    const answer = await fetch('/ui/offers', { method: 'POST', body: fields() }).catch(() => null);
    if (!answer?.ok) return;
    const parts = new DOMParser().parseFromString(await answer.text(), 'text/html').body.children;
    for (const part of [...parts]) {
      const place = document.getElementById(part.id);
      if (place && !place.contains(document.activeElement)) place.replaceChildren(...part.childNodes);
    }
  }

  /* A radio that was pressed no longer follows its attribute. */
  G.on('htmx:after:swap', () => G.all('[name=ratio]').forEach(ratio => { ratio.checked = ratio.value === G.one('#ratio-was').value; }));

  G.on('htmx:config:request', ({ detail: { ctx } }) => {
    if (ctx.sourceElement === form) ctx.request.body.delete('checkpoint_q');
  });

  /* What is looked at, as an address has it: every filter and order, by the controls' own names. */
  const VIEW = { q: '', fit: '', minr: '', sort: 'rating', checkpoint_sort: 'rating', shown: 'all' };
  const show = query => {
    for (const [name, otherwise] of Object.entries(VIEW)) {
      const value = query.get(name) ?? otherwise;
      for (const field of form.elements) {
        if (field.name !== name || field.type === 'hidden') continue;
        if (field.type === 'radio') field.checked = field.value === value; else field.value = value;
      }
    }
    for (const name of ['tag', 'base']) {
      const wanted = query.getAll(name), boxes = [...form.elements].filter(field => field.name === name);
      for (const box of boxes) box.checked = wanted.includes(box.value);
      /* One without a box is kept until the choices come again. */
      const kept = wanted.filter(value => !boxes.some(box => box.value === value)).map(value => Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
      kept.forEach(field => field.setAttribute('form', form.id));
      G.one('#picker-choices')?.append(...kept);
    }
  };

  /* Back and forward bring models back, but leave the prompts as they are typed. */
  G.on('htmx:before:history:restore', event => {
    if (!form) return;
    event.preventDefault();
    clearTimeout(timer);
    const query = new URL(location).searchParams, names = query.has('checkpoint') || query.has('lora');
    /* An image's own address says nothing of the filters, so they stay. */
    if (names) show(query);
    const headers = { 'HX-History-Restore-Request': 'true' };
    const live = new URLSearchParams([...fields()].filter(([name]) => ['since', 'shown', 'checkpoint'].includes(name)));
    for (const name of ['image', 'checkpoint']) if (query.has(name)) live.set(name, query.get(name));
    htmx.ajax('GET', `/ui/live?${live}`, { swap: 'none', target: '#stage' });
    if (!names) return;
    for (const box of G.all('#recipe textarea')) query.set(box.name, box.value);
    if (G.one('#picker')?.matches(':modal')) query.set('picking', '1');
    htmx.ajax('GET', `/?${query}`, { target: form, swap: 'none', request: { headers } });
  });

  /* What is too long for an address goes as a body. */
  G.on('htmx:before:request', ({ detail: { ctx: { request } } }) => {
    if (request.method !== 'GET' || request.action.length < 8000) return;
    const [path, query] = request.action.split(/\?(.*)/s);
    Object.assign(request, { method: 'POST', action: path, body: new URLSearchParams(query) });
  });
}
