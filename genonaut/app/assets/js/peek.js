/* What the picker needs once it is open: the search among tags, and the details of a card over the list. Closed, the focus
   goes back to where they were opened. */
{
  const panel = G.one('#peek-panel');
  let from;
  const close = () => { panel.hidden = true; panel.replaceChildren(); document.getElementById(from)?.focus(); };
  G.one('#pick-tag-q').addEventListener('input', G.seldom(250, G.countLoras));
  G.on('htmx:after:swap', ({ detail: { ctx } }) => {
    const source = ctx?.sourceElement;
    if (source?.dataset?.testid !== 'lora-info') return;
    from = source.id;
    panel.hidden = false;
    panel.scrollTop = 0;
    G.one('#peek-h')?.focus();
  });
  /* After what the button itself does. */
  G.on('click', ({ target }) => { if (target.closest('[data-peek-close]')) setTimeout(close); });
  G.one('#picker').addEventListener('cancel', event => { if (!panel.hidden) { event.preventDefault(); close(); } });
}
