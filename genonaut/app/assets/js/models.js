/* The Models page: filters apply as they are set, the detail opens beside the list, fields save themselves.
   Everything listens on the document, because going back in the history makes the page's elements anew. */
{
  const detail = () => G.one('#detail'), facets = () => G.one('#facets');
  let opening = null, opened = null, left = null, paging = false;

  G.on('change', ({ target }) => {
    if (target.form?.id === 'facets' && target.type !== 'search') target.form.requestSubmit();
    if (target.matches('.tagbox > :is(input, select)')) target.dataset.sent = target.value;
    if (target.dataset.sync) save(document.getElementById(target.dataset.sync), target.value);
  });
  G.on('input', ({ target }) => {
    const other = target.dataset.sync ? document.getElementById(target.dataset.sync) : G.one(`[data-sync="${target.id}"]`);
    if (other && target.value !== '') { other.value = target.value; G.paint(other); }
  });
  G.on('click', event => {
    const on = selector => event.target.closest(selector);
    const hit = on('.card .hit'), drop = on('[data-drop]');
    if (hit) opening = hit.getAttribute('href');
    if (drop) G.all(`#facets [name="${drop.dataset.drop}"]`).forEach(box => { box.checked = box.type === 'radio' ? box.value === '' : box.checked && box.value !== drop.dataset.value; });
    if (on('[data-clear]')) save(document.getElementById(on('[data-clear]').dataset.clear), '');
    if (on('[data-detail-close]')) detail().close();
    if (on('[data-uncheck]')) unsay();
    if (on('[data-facets-open]')) sheet(true); else if (on('[data-facets-close]') || !on('#facets')) sheet(false);
    if (on('.lib .pager a')) paging = true;
  });
  G.on('keydown', event => {
    if (event.key === 'Escape') {
      if (detail()?.open && !detail().matches(':modal')) { event.preventDefault(); detail().close(); } else sheet(false);
    }
    /* Enter adds the word; it does not send the whole form. */
    if (event.key === 'Enter' && event.target.matches('.tagbox > input')) {
      event.preventDefault();
      event.target.dispatchEvent(new Event('change', { bubbles: true }));
    }
    const busy = event.ctrlKey || event.metaKey || event.altKey || G.typing() || G.one('dialog:modal, [popover]:popover-open');
    if (event.key === '/' && !busy && G.one('#model-q')) { event.preventDefault(); G.one('#model-q').focus(); G.one('#model-q').select(); }
  });

  /* Not when a field is left: the button that is pressed would move away. */
  G.on('input', ({ target }) => { if (target.matches('.pick input, #bulk .input, #bulk .select')) unsay(); });

  /* What came of the last change of many; its Undo stays. */
  function unsay() {
    G.one('#bulk-said')?.replaceChildren();
    G.all('#bulk-undo > .alert:not(.undo)').forEach(alert => alert.remove());
  }
  /* What a field saves is what its own change event sends. */
  function save(field, value) {
    field.value = value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  function sheet(on) {
    const form = facets(), button = G.one('[data-facets-open]');
    if (!form || form.hasAttribute('data-open') === on) return;
    form.toggleAttribute('data-open', on);
    button.setAttribute('aria-expanded', on);
    (on ? G.one('[data-facets-close]') : button).focus();
  }

  /* The panel is there: beside the list where there is room, over it elsewhere. */
  function show() {
    opened = opening;
    opening = null;
    const panel = detail();
    if (!panel.open) matchMedia('(min-width: 1180.02px)').matches ? panel.show() : panel.showModal();
    panel.scrollTop = 0;
    G.one('#d-title').focus({ preventScroll: true });
  }
  function mark() {
    for (const hit of G.all('.card .hit')) {
      if (hit.getAttribute('href') === opened) hit.setAttribute('aria-current', 'true'); else hit.removeAttribute('aria-current');
    }
  }
  G.on('close', event => {
    if (event.target !== detail()) return;
    const from = opened;
    opened = null;
    mark();
    detail().replaceChildren();
    G.all('.card .hit').find(hit => hit.getAttribute('href') === from)?.focus();
  }, true);

  /* What is only shown of the open model follows stars and scans; fields stay as they are typed. */
  const follow = G.seldom(1500, () => {
    const form = G.one('#edit'), facts = G.one('#d-facts');
    if (form) htmx.ajax('GET', `/ui${form.getAttribute('action')}`, { source: facts, target: facts, swap: 'none' });
  });
  if (detail() || G.one('#edit')) G.hear('models', follow, follow);

  /* A word that was taken away takes its focus along; the box keeps it. The field for new words is never swapped:
     what is typed while an answer is on its way stays, and what has come in is cleared. */
  G.on('htmx:before:swap', () => {
    const focused = document.activeElement;
    left = { box: focused?.closest('.tagbox'), field: focused?.closest('#edit') && focused.id };
  });
  G.on('htmx:after:swap', () => {
    if (opening && G.one('#detail #edit')?.getAttribute('action') === opening) show();
    for (const box of G.all('.tagbox > [data-sent]')) {
      if (G.one('.alert', box.closest('.field'))) continue;
      if (box.value === box.dataset.sent) box.value = '';
      delete box.dataset.sent;
    }
    if (document.activeElement === document.body && left?.field !== undefined && left.field !== null) {
      (document.getElementById(left.field) ?? (left.box?.isConnected ? G.one('input[type="text"]', left.box) : G.one('#d-title')))?.focus({ preventScroll: true });
    }
    mark();
    if (paging) {
      paging = false;
      G.one('#model-results').focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  });
}
