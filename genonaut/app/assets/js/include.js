/* A form that a request includes is all of its fields, those too that stand elsewhere and only name it. htmx takes the
   ones inside of it alone. */
G.on('htmx:config:request', ({ detail: { ctx: { sourceElement, request } } }) => {
  const included = sourceElement?.getAttribute?.('hx-include');
  if (!included || !request.body?.append) return;
  for (const form of G.all(included).filter(part => part.matches('form'))) {
    const fields = new FormData(form);
    for (const name of new Set(fields.keys())) request.body.delete(name);
    for (const [name, value] of fields) request.body.append(name, value);
    /* What is searched for in the list of checkpoints is no part of the recipe. */
    request.body.delete('checkpoint_q');
  }
});
