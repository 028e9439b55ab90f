/* The dialog of LoRAs: open over the page, with the filters' choices asked for when they are first needed. */
{
  const picker = G.one('#picker'), main = G.one('#picker-main');
  /* Of the list whose choices are there. */
  let list;
  /* Until somebody chooses, the server does: what fits, where anything does. */
  let given = !!G.one('[name=fit]:checked');
  const asking = held => { const fields = G.fields(); if (!given && !held) fields.delete('fit'); return fields.toString(); };
  const free = () => { if (!given) G.all('[name=fit]').forEach(radio => { radio.checked = false; }); };
  const count = () => { const lazy = G.one('#picker-results [id^=facets-]'); if (lazy) htmx.trigger(lazy, 'facets'); };
  /* An answer to what is not asked any more is asked for again. */
  const look = async held => {
    let asked;
    do {
      asked = asking(held);
      await htmx.ajax('GET', `/ui/loras?${asked}`, { swap: 'none', target: '#picker-results' });
    } while (picker.open && asking(held) !== asked);
  };
  const open = async () => {
    import(picker.dataset.js);
    await G.styled(picker.dataset.css);
    if (!picker.open) picker.showModal();
    G.one('#picking').disabled = false;
    G.one('#picker-q').focus();
    /* What fits may have changed while it was closed, and its choices with it. */
    list = null;
    look();
  };
  G.openPicker = open;
  G.countLoras = count;
  const recount = G.seldom(3000, () => { if (picker.open) count(); });
  /* Models came, went or changed: the list stays the one that is looked at. */
  const again = G.seldom(1500, async () => {
    if (!picker.open) return;
    await look(true);
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
    G.on('change', ({ target }) => { if (target.name === 'fit') given = true; });
    G.on('submit', ({ submitter }) => { if (submitter?.name === 'fit') given = true; }, true);
    picker.addEventListener('close', () => { free(); G.one('#picking').disabled = true; G.one('#add-lora')?.focus(); });
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
      const fit = G.one('#picker-results > [data-fit]')?.dataset.fit, radio = picker.open && fit && G.one(`#pick-fit-${fit}`);
      if (radio && !given) radio.checked = true;
      const now = G.one('#picker-results [id^=facets-]')?.id;
      if (now === list) return;
      list = now;
      if (picker.open) count();
    });
  }
}
