/* Grids: the form in a dialog over the recipe, and the page of one as its cells are made. */
{
  let dialog;
  const make = css => {
    dialog = Object.assign(document.createElement('dialog'), { id: 'grid-dialog', className: 'panel grid-dialog' });
    dialog.setAttribute('aria-labelledby', 'grid-h');
    document.body.append(dialog);
    return G.styled(css);
  };
  /* For the recipe as it is now, with the axes as they were left. */
  G.grid = async css => {
    if (!dialog) await make(css);
    const axes = G.one('#grid-form'), fields = G.fields();
    if (axes) for (const [name, value] of new FormData(axes)) if (name !== 'recipe') fields.append(name, value);
    await htmx.ajax('GET', `/grids/new?${fields}`, { target: dialog, swap: 'innerHTML' });
    if (!G.one('#grid-form')) return;
    if (!dialog.open) dialog.showModal();
    G.one('#x-kind').focus();
    hint();
  };
  const hint = () => G.all('.axis').forEach(axis => {
    const [kind, box, add] = ['select[name]', 'textarea', '[data-add]'].map(part => G.one(part, axis));
    box.placeholder = kind.selectedOptions[0].dataset.example;
    add.hidden = kind.value && !G.all(`option[data-kind="${kind.value}"]`, add).length;
  });

  G.on('click', ({ target }) => {
    /* A click beside the dialog closes it, as people expect. */
    if (dialog && (target.closest('[data-grid-close]') || target === dialog)) dialog.close();
  });
  G.on('change', ({ target }) => {
    if (target.matches('.axis select[name]')) hint();
    const axis = target.dataset.add;
    if (!axis || !target.value) return;
    const box = G.one(`#${axis}-values`), kind = G.one(`#${axis}-kind`), wanted = target.selectedOptions[0].dataset.kind;
    /* Values of another kind mean nothing beside it. */
    box.value = kind.value === wanted && box.value.trim() ? `${box.value.trim()}\n${target.value}` : target.value;
    kind.value = wanted;
    target.value = '';
    hint();
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });
  G.on('htmx:after:request', ({ detail: { ctx } }) => {
    if (!dialog?.open || ctx.response?.status !== 202) return;
    dialog.close();
    G.one('#stage').scrollIntoView({ block: 'nearest' });
  });

  const live = G.one('#grid-live');
  if (live) {
    const look = G.seldom(600, () => htmx.ajax('GET', `/grids/${live.dataset.id}`, { swap: 'none', target: '#grid-live' }));
    G.hear('job', look, look);
    G.heard(look);
  }
  hint();
}
