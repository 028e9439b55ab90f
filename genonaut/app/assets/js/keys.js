/* One letter goes where the hand wants to be; never while writing, never over something open. */
{
  const search = () => { const field = G.one('#picker-q'); field?.focus(); field?.scrollIntoView({ block: 'nearest' }); field?.select(); };
  const keys = {
    p: () => G.one('#prompt')?.focus(),
    c: () => G.one('#ckpt')?.click(),
    l: search,
    '/': search,
    '?': () => G.one('#shortcuts')?.showPopover(),
  };
  G.on('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || G.typing() || G.one('[popover]:popover-open')) return;
    const go = keys[event.key.toLowerCase()];
    if (!go) return;
    event.preventDefault();
    go();
  });
  G.on('click', event => {
    if (!event.target.closest('#add-lora')) return;
    event.preventDefault();
    G.one('#picker').scrollIntoView();
    search();
  });
}
