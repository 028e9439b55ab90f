/* Toasts leave by themselves, not while someone is at them; those about what was refused stay until they are closed.
   Menus close when something in them was chosen. */
{
  const STAYS = 8000, MOST = 3;
  const leave = toast => setTimeout(() => (toast.matches(':hover, :focus-within') ? leave(toast) : toast.remove()), STAYS);
  const place = G.one('#toasts');
  /* Over whatever is open: behind a modal dialog nothing can be read or closed. */
  const raise = () => {
    const home = G.all('dialog:modal').at(-1) ?? document.body;
    if (place.parentElement !== home) home.append(place);
  };
  const icon = name => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', 'i i-s');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', `#${name}`);
    svg.append(use);
    return svg;
  };
  G.settle = key => { for (const toast of [...place?.children ?? []]) if (toast.dataset.key === key) toast.remove(); };
  G.stays = text => place && G.all('.stays p', place).some(said => said.textContent === text);
  G.stay = (texts, key, role) => {
    if (!place) return;
    G.settle(key);
    const same = [...new Set(texts)].join('\n');
    for (const toast of G.all('.stays', place)) if (toast.dataset.said === same) toast.remove();
    raise();
    const toast = Object.assign(document.createElement('div'), { className: 'toast stays' }), close = Object.assign(document.createElement('button'), { type: 'button', className: 'icon-btn small' });
    Object.assign(toast.dataset, { key, said: same });
    if (role) toast.setAttribute('role', role);
    const words = document.createElement('div');
    for (const text of new Set(texts)) words.append(Object.assign(document.createElement('p'), { textContent: text }));
    close.setAttribute('aria-label', 'Close');
    close.append(icon('x'));
    close.addEventListener('click', () => toast.remove());
    toast.append(icon('warn'), words, close);
    place.append(toast);
  };

  if (place) {
    new MutationObserver(changes => {
      raise();
      for (const change of changes) for (const node of change.addedNodes) if (node.matches?.('.toast:not(.stays)')) leave(node);
      while (place.children.length > MOST) (G.one('.toast:not(.stays)', place) ?? place.firstElementChild).remove();
    }).observe(place, { childList: true });
    place.addEventListener('click', event => { if (event.target.closest('a, .toast:not(.stays) button')) event.target.closest('.toast').hidden = true; });
    /* Before what closes a dialog empties it. */
    G.on('close', ({ target }) => { if (target.contains(place)) document.body.append(place); }, true);
    G.on('htmx:before:swap', ({ detail: { ctx } }) => { if (ctx?.target?.contains?.(place) && ctx.target !== place && ctx.target !== document.body) document.body.append(place); });
    G.on('htmx:after:swap', raise);
  }
  G.on('click', event => { const menu = event.target.closest('.menu[popover] a'); if (menu) menu.closest('.menu').hidePopover(); });
}
