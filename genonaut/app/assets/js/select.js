/* Which models are selected: one by one, by ranges, or all that the filters leave. The selection of this tab outlasts
   pages, filters and the way back; what is selected and not on the page is in #bulk-kept. */
{
  let ids = null, all = null, from = null;
  const boxes = () => G.all('.pick input'), bulk = () => G.one('#bulk');
  const place = () => `genonaut selected ${G.one('#bulk [name="type"]')?.value}`;
  const chosen = () => ids ??= new Set(JSON.parse(sessionStorage.getItem(place()) ?? '[]'));

  G.on('change', ({ target }) => {
    if (target.matches('.pick input')) { all = null; pick(target, target.checked); show(); }
    if (target.matches('.all-match input')) { all = target.checked ? target.value : null; show(); }
  });
  /* What is undone there is no success of the change that somebody prepares now, which may be refused. */
  G.on('input', ({ target }) => { if (target.form === bulk()) G.one('#bulk-undo .undo')?.classList.remove('good'); });
  G.on('click', event => {
    const { target } = event;
    if (target.matches('.pick input')) {
      if (event.shiftKey) range(target);
      from = target.value;
    }
    if (target.closest('[data-uncheck]')) { chosen().clear(); all = null; show(); }
  });
  /* As in lists of files: further from where it began takes one more, back gives it up. */
  G.on('keydown', event => {
    const { target, key } = event, step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
    if (!step || !event.shiftKey || !target.matches('.pick input')) return;
    event.preventDefault();
    const list = boxes(), at = list.indexOf(target), next = list[at + step];
    if (!next) return;
    let start = list.findIndex(box => box.value === from);
    if (start < 0 || !target.checked) { from = target.value; start = at; }
    all = null;
    pick(target, at === start || Math.abs(at + step - start) > Math.abs(at - start));
    pick(next, true);
    next.focus();
    show();
  });
  G.on('htmx:after:swap', () => { if (bulk()) show(); });
  if (bulk()) show();

  function pick(box, on) {
    box.checked = on;
    if (on) chosen().add(box.value); else chosen().delete(box.value);
  }
  function range(target) {
    const list = boxes(), start = list.findIndex(box => box.value === from), end = list.indexOf(target);
    if (start < 0) return;
    list.slice(Math.min(start, end), Math.max(start, end) + 1).forEach(box => pick(box, target.checked));
  }
  function show() {
    sessionStorage.setItem(place(), JSON.stringify([...chosen()]));
    const here = new Set();
    for (const box of boxes()) { box.checked = chosen().has(box.value); here.add(box.value); }
    const kept = [...chosen()].filter(id => !here.has(id));
    G.one('#bulk-kept')?.replaceChildren(...kept.map(value => Object.assign(document.createElement('input'), { type: 'hidden', name: 'id', value })));
    const box = G.one('.all-match input');
    /* Other filters leave others: that is not what was asked for. */
    if (box?.value !== all) all = null;
    if (box) box.checked = all !== null;
    const line = G.one('#bulk-count'), elsewhere = kept.length ? `, ${kept.length} not on this page` : '';
    if (line) line.textContent = all === null ? `${chosen().size} selected${elsewhere}` : `All ${G.one('.all-match span span').textContent} that match selected`;
  }
}
