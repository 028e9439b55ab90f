/* Esc cancels: the job that was just queued, even before the page has heard of it, else what is on the stage. */
{
  const queues = source => source?.id === 'go' || source?.id === 'vary';
  let asked = 0, wanted = false, fresh = false, last;
  const cancel = id => fetch(`/ui/jobs/${id}/cancel`, { method: 'POST', headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' } });

  G.cancel = () => {
    if (asked) { wanted = true; return; }
    const button = G.one('#cancel');
    if (fresh) { if (last) cancel(last); } else button?.click();
    fresh = false;
  };
  /* In a field Esc means the job only until somebody writes on. */
  G.cancelFresh = () => { const was = fresh; if (was) G.cancel(); return was; };
  G.on('input', () => { fresh = false; });
  G.on('htmx:before:request', ({ detail: { ctx } }) => { if (queues(ctx.sourceElement)) { asked++; fresh = true; } });
  G.on('htmx:after:request', ({ detail: { ctx } }) => {
    if (!queues(ctx.sourceElement)) return;
    last = ctx.response.headers.get('genonaut-job') ?? last;
    if (wanted && ctx.response.status < 400) { wanted = false; cancel(last); }
  });
  G.on('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!queues(ctx.sourceElement) || --asked) return;
    if (wanted && ctx.response?.status < 400) cancel(last);
    wanted = false;
  });
}
