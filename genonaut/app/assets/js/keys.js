/* One letter goes where the hand wants to be; never while writing, never over something open. */
{
  const press = selector => () => G.one(selector)?.click();
  /* The image beside the shown one in the history. */
  const beside = by => () => {
    const shots = G.all('.shot:not(.ghost)'), at = shots.findIndex(shot => shot.getAttribute('aria-current'));
    shots[at + by]?.click();
  };
  const rate = stars => () => {
    const now = G.one('#rate')?.dataset.stars;
    if (now !== undefined && +now !== stars) G.one(`#star-${stars || now}`)?.click();
  };
  const keys = {
    p: () => G.one('#prompt')?.focus(),
    c: press('#ckpt'),
    l: () => { if (G.one('#picker')) G.openPicker(); },
    r: press('#reuse-all'),
    s: press('#reuse-seed'),
    '?': () => G.one('#shortcuts')?.showPopover(),
    arrowleft: beside(-1),
    arrowright: beside(1),
    escape: () => G.cancel?.(),
    ...Object.fromEntries([0, 1, 2, 3, 4, 5].map(stars => [stars, rate(stars)])),
  };
  const search = () => { const field = G.one('#picker-q, #model-q'); field?.focus(); field?.select(); };
  G.on('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && !G.one('dialog[open]')) { event.preventDefault(); G.one('#go')?.click(); return; }
    if (event.key === 'Escape' && G.typing() && !G.one('dialog[open], [popover]:popover-open') && G.cancelFresh()) { event.preventDefault(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || G.typing() || G.one('[popover]:popover-open')) return;
    const key = event.key.toLowerCase(), over = G.one('dialog[open]');
    if (key === '/' && (over || !G.one('#picker'))) { event.preventDefault(); search(); return; }
    if (over || (key.startsWith('arrow') && event.target.matches('.hit, .opt, button, input, select, a:not(.shot)'))) return;
    const go = keys[key];
    if (!go) return;
    event.preventDefault();
    go();
  });
}
