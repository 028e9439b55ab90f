/* Import a folder: how far the scan and the hashing are, and the list behind it as models come and go. */
{
  const dialog = () => G.one('#import');
  const text = (id, words) => { const place = document.getElementById(id); if (place && place.textContent !== words) place.textContent = words; };
  const shown = () => G.one('#scan');
  const look = () => { if (!dialog() || dialog().open) htmx.ajax('GET', '/ui/imports', { swap: 'none', target: '#imp-live' }); };
  const soon = G.seldom(1000, look);

  const paint = scan => {
    const bar = G.one('#scan-bar');
    if (bar && scan.expected !== null) { bar.max = scan.expected; bar.value = scan.files; }
    for (const name of ['line', 'pace', 'new', 'known', 'updated', 'failed', 'more', 'current']) text(`scan-${name}`, scan[name]);
  };
  const hear = data => {
    const scan = JSON.parse(data), on = shown();
    if (!scan.running && on?.dataset.id === scan.id && on.dataset.state === 'running') text('scan-said', `${scan.line}. New: ${scan.new}, updated: ${scan.updated}, skipped: ${scan.failed}.`);
    if (on?.dataset.id !== scan.id || on.dataset.state !== scan.state || on.dataset.failed !== scan.failed) soon();
    if (on?.dataset.id === scan.id && on.dataset.state === scan.state) paint(scan);
  };

  /* Files that are read whole for their hashes. */
  const hash = data => {
    const now = JSON.parse(data), on = G.one('#hashing');
    if (on ? !now.files || on.dataset.later !== String(now.later) : now.files && G.one('#imp-roots').childElementCount) return soon();
    for (const name of ['line', 'pace', 'path']) text(`hash-${name}`, now[name]);
  };

  /* The list, then its counts and the choices beside it: asked for at the same time they would be passed over. What is
     checked and what has the focus stay. */
  const counts = G.seldom(3000, () => G.all('[hx-trigger~="recount"]').forEach(place => htmx.trigger(place, 'recount')));
  /* While the choices are on their way a request for the list is passed over, and made again. */
  let sent = false;
  G.on('htmx:before:request', ({ detail: { ctx } }) => { sent ||= ctx.sourceElement?.id === 'again'; });
  const list = G.seldom(1500, async () => {
    const again = G.one('#again'), focused = document.activeElement?.id;
    if (!again) return;
    const checked = G.all('.pick :checked').map(box => box.value);
    sent = false;
    await htmx.ajax('GET', again.dataset.url, { source: again, target: again, swap: 'none' });
    if (!sent) return list();
    for (const box of G.all('.pick input')) box.checked ||= checked.includes(box.value);
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    counts();
  });

  if (G.one('#imp-live')) {
    G.hear('scan', hear, soon);
    G.hear('hashing', hash);
    G.hear('models', list, list);
  }
  const unask = ask => { ask.open = false; G.one('summary', ask).focus(); };
  G.on('keydown', event => {
    const ask = event.key === 'Escape' && event.target.closest('.ask[open]');
    if (ask) { event.preventDefault(); unask(ask); }
  });
  G.on('click', event => {
    const ask = event.target.closest('[data-ask-close]')?.closest('.ask');
    if (ask) unask(ask);
    if (!dialog()) return;
    if (event.target.closest('#import-open')) {
      event.preventDefault();
      dialog().showModal();
      look();
      G.one('#imp-path').focus();
    }
    /* A click beside the dialog closes it, as people expect. */
    if (event.target.closest('[data-import-close]') || event.target === dialog()) dialog().close();
    const cancel = event.target.closest('#scan-cancel');
    if (cancel) setTimeout(() => { cancel.disabled = true; });
  });
}
