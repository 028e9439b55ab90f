/* The dialog of LoRAs: open over the page, with the filters' choices asked for when they are first needed. */
{
  const picker = G.one('#picker'), main = G.one('#picker-main');
  /* Of the list whose choices are there. */
  let list;
  const count = () => { const lazy = G.one('#picker-results [id^=facets-]'); if (lazy) htmx.trigger(lazy, 'facets'); };
  /* An answer to what is not asked any more is asked for again. */
  const look = async () => {
    let asked;
    do {
      asked = G.fields().toString();
      await htmx.ajax('GET', `/ui/loras?${asked}`, { swap: 'none', target: '#picker-results' });
    } while (picker.open && G.fields().toString() !== asked);
  };
  const open = async () => {
    await G.styled(picker.dataset.css);
    if (!picker.open) picker.showModal();
    G.one('#picking').disabled = false;
    G.one('#picker-q').focus();
    /* What fits may have changed while it was closed, and its choices with it. */
    list = null;
    look();
  };
  G.openPicker = open;
  const recount = G.seldom(3000, () => { if (picker.open) count(); });
  /* Models came, went or changed. */
  const again = G.seldom(1500, async () => {
    if (!picker.open) return;
    await look();
    recount();
  });

  if (picker) {
    G.one('#pick').disabled = true;
    G.hear('models', again, again);
    if (picker.open) { picker.close(); addEventListener('load', open); }
    G.on('click', event => {
      if (event.target.closest('#add-lora')) { event.preventDefault(); open(); }
      if (event.target.closest('[data-close]')) { event.preventDefault(); picker.close(); }
      const toggle = event.target.closest('#facets-toggle');
      if (toggle) toggle.setAttribute('aria-expanded', main.toggleAttribute('data-facets'));
      /* A click beside the dialog closes it, as people expect. */
      if (event.target === picker) picker.close();
    });
    picker.addEventListener('close', () => { G.one('#picking').disabled = true; G.one('#add-lora')?.focus(); });
    G.one('#picker-q').addEventListener('keydown', event => {
      const first = G.one('#cards .hit');
      if (event.key === 'Enter') { event.preventDefault(); first?.click(); }
      if (event.key === 'ArrowDown' && first) { event.preventDefault(); first.focus(); }
    });
    /* Choices that come while the recipe is on its way, or for a list that has gone, would take boxes away that somebody
       has ticked: they are asked for again with the list that comes. */
    let busy = 0;
    const changes = source => source?.id === 'recipe' || source?.id === 'picker-q';
    G.on('htmx:before:request', ({ detail: { ctx } }) => { if (changes(ctx.sourceElement)) busy++; });
    G.on('htmx:finally:request', ({ detail: { ctx } }) => { if (changes(ctx.sourceElement)) busy--; });
    G.on('htmx:before:response', event => {
      const source = event.detail.ctx.sourceElement;
      if (!source?.id?.startsWith('facets-') || (!busy && source.isConnected)) return;
      event.preventDefault();
      list = null;
    });
    /* Another list has other counts. */
    G.on('htmx:after:swap', () => {
      const now = G.one('#picker-results [id^=facets-]')?.id;
      if (now === list) return;
      list = now;
      if (picker.open) count();
    });
  }
}
