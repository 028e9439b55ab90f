/* The list of checkpoints: arrows move the active option, Enter chooses it, the field keeps the focus. */
{
  const pop = G.one('#ckpt-pop'), field = G.one('#ckpt-q'), list = G.one('#ckpt-list');
  const options = () => G.all('button.opt', list);
  const active = () => G.one('.opt.active', list);

  const activate = option => {
    active()?.classList.remove('active');
    option?.classList.add('active');
    if (option) field.setAttribute('aria-activedescendant', option.id); else field.removeAttribute('aria-activedescendant');
    option?.scrollIntoView({ block: 'nearest' });
  };
  const mark = () => {
    const chosen = G.one('#checkpoint')?.value;
    for (const option of options()) {
      option.tabIndex = -1;
      option.setAttribute('aria-selected', option.value === chosen);
    }
  };
  const move = key => {
    const all = options(), at = all.indexOf(active());
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at <= 0 ? all.length : at) - 1, PageDown: Math.min(at + 6, all.length - 1), PageUp: Math.max(at - 6, 0) }[key];
    if (to !== undefined) activate(all[to]);
    return to !== undefined;
  };

  /* The first checkpoint came: the page begins anew, unless somebody is writing. */
  if (!pop && G.one('#recipe')) {
    const first = G.seldom(1500, async () => {
      const answer = await fetch('/api/v1/checkpoint-models?limit=1&missing=false').catch(() => null);
      const found = answer?.ok && (await answer.json()).items.length;
      if (found && G.typing()) first(); else if (found) location.reload();
    });
    G.hear('models', first, first);
  }
  if (pop) {
    if (!pop.popover) pop.popover = 'auto';
    mark();
    pop.addEventListener('toggle', event => {
      if (event.newState !== 'open') return;
      mark();
      activate(G.one('[aria-selected="true"].opt', list) ?? options()[0]);
      field.focus();
      field.select();
    });
    field.addEventListener('keydown', event => {
      if (event.key === 'Enter') { event.preventDefault(); active()?.click(); }
      else if (options().length && move(event.key)) event.preventDefault();
    });
    list.addEventListener('click', event => {
      if (!event.target.closest('button.opt')) return;
      pop.hidePopover();
      G.one('#ckpt').focus();
    });
    /* Models came, went or changed: the list is asked for when it is looked at. */
    let stale = false;
    const again = () => {
      stale = !pop.matches(':popover-open');
      if (!stale) htmx.trigger(field, 'again');
    };
    const soon = G.seldom(1500, again);
    G.hear('models', soon, soon);
    pop.addEventListener('toggle', event => { if (event.newState === 'open' && stale) again(); });
    /* More options came to the end, or others to the beginning. */
    G.on('htmx:after:swap', () => { mark(); if (pop.matches(':popover-open') && !active()) activate(options()[0]); });
  }
}
