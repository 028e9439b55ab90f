/* What is refused is said where the eye is: as a toast that stays until somebody closes it, and at its field if it has one. */
{
  const texts = html => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const found = G.all('.alert:not([data-testid$="-missing"]), main.failed p[role=alert]', page);
    return (found.length ? found : G.all('main.failed h1', page)).map(alert => alert.textContent.trim());
  };
  /* A refusal is forgotten as soon as the same request succeeds; what is only asked for has other values each time. */
  const key = ({ method, action }) => (method === 'GET' ? `GET ${action.split('?')[0]}` : `${method} ${action}`);

  const AWAY = 'Cannot reach the server. Your input is still here.';
  G.on('htmx:error', () => G.stay([AWAY], 'away', 'alert'));
  G.on('htmx:after:request', ({ detail: { ctx } }) => {
    const { status } = ctx.response, from = key(ctx.request);
    G.settle('away');
    G.settle(from);
    if (status < 400) return;
    const said = texts(ctx.text);
    G.stay(said.length ? said : [`The request failed (HTTP ${status}).`], from);
    if (status === 422) setTimeout(() => setTimeout(toField));
  });

  /* The control that people see: of a slider and its exact number the number. */
  const control = (alert, name) => {
    const form = alert.closest('form') ?? G.one('#recipe') ?? G.one('#edit');
    return [...form?.elements ?? []].find(field => field.name === name && field.type !== 'hidden' && field.tagName !== 'BUTTON');
  };
  const row = field => field.closest('.param, .weight, .dims, .seed-row, .path, .defaults > label') ?? field;
  const forget = field => {
    field.removeAttribute('aria-invalid');
    if ('described' in field.dataset) field.setAttribute('aria-describedby', field.dataset.described); else field.removeAttribute('aria-describedby');
    delete field.dataset.described;
    delete field.dataset.wrong;
  };
  const mark = (field, id) => {
    const had = field.getAttribute('aria-describedby');
    if (had) field.dataset.described = had;
    field.dataset.wrong = id;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', had ? `${had} ${id}` : id);
  };
  const place = () => {
    G.all('[data-wrong]').forEach(forget);
    G.all('.field-error').forEach(error => error.remove());
    /* What has no field would be said twice: here, and by its toast. */
    for (const alert of G.all('#notices .alert:not([data-field])')) if (G.stays(alert.textContent.trim())) alert.remove();
    for (const alert of G.all('.alert[data-field]')) {
      const field = control(alert, alert.dataset.field);
      alert.hidden = false;
      if (!field) continue;
      const id = `wrong-${field.id || field.name}`;
      /* What stands beside its field already is only tied to it. */
      const beside = alert.closest('.origin, #imp-said');
      if (beside) alert.id = id; else {
        const said = Object.assign(document.createElement('p'), { className: 'field-error', id, textContent: alert.textContent.trim() });
        const bar = field.closest('.stepper')?.closest('.actions');
        if (bar) bar.before(said); else row(field).after(said);
        alert.hidden = true;
      }
      mark(field, id);
    }
  };
  const toField = () => {
    const field = G.one('[data-wrong]');
    if (!field) return;
    field.closest('details')?.setAttribute('open', '');
    field.focus();
    field.scrollIntoView({ block: 'nearest' });
  };

  G.on('htmx:after:swap', () => setTimeout(place));
  /* Whoever corrects a value has read what was wrong with it. */
  G.on('input', ({ target: { dataset: { wrong }, name } }) => {
    if (!wrong) return;
    G.all('.alert[data-field]').filter(alert => alert.dataset.field === name).forEach(alert => alert.remove());
    place();
    if (!G.one('[data-wrong]')) G.settle('page');
  });
  place();
  /* A page that was opened with values that cannot be has them far down, too. */
  const wrong = G.all('.field-error').map(error => error.textContent);
  if (wrong.length) G.stay(wrong, 'page');
}
