/* What is being made, as the server tells of it. */
{
  let seen, began;
  const title = document.title;
  const text = (id, words) => { const place = document.getElementById(id); if (place && place.textContent !== words) place.textContent = words; };
  const refresh = () => htmx.ajax('GET', `/ui/live?${new URLSearchParams([...new FormData(G.one('#recipe'))].filter(([name]) => ['image', 'since', 'shown', 'checkpoint'].includes(name)))}`, { swap: 'none', target: '#stage' });

  /* As large as the image will be, before it has come: nothing moves then. */
  const shape = () => {
    const shown = G.one('#shown'), size = name => +shown.getAttribute(name);
    if (!shown) return;
    shown.style.setProperty('--w', `${size('width')}px`);
    shown.style.setProperty('--ratio', size('width') / size('height'));
  };
  G.on('htmx:after:swap', shape);
  shape();

  const progress = job => {
    const bar = G.one('#progress'), preview = G.one('#preview');
    if (bar) bar.value = job.image_percent;
    text('progress-step', job.steps ? `Step ${job.step} of ${job.steps}` : '');
    text('progress-left', left(job));
    text('strip-percent', `${job.image_percent}%`);
    text('ring-percent', `${job.percent}%`);
    G.one('#ghost .ring')?.style.setProperty('--done', job.percent / 100);
    if (preview?.dataset.job === job.id && job.step > 1) preview.src = `/jobs/${job.id}/preview?s=${job.made}.${job.step}`;
  };
  const everywhere = job => {
    const done = job.open && !job.waits ? job.percent : 0;
    if (G.one('#bar')) G.one('#bar').value = done;
    text('peek-percent', done ? `${done}%` : '');
    document.title = done ? `${done}% · genonaut` : title;
  };
  /* From how fast it has gone so far. */
  const left = job => {
    const steps = (job.made + job.image_percent / 100) * job.steps;
    if (began?.id !== job.id) began = { id: job.id, at: performance.now(), steps };
    const pace = (steps - began.steps) / (performance.now() - began.at);
    return pace > 0 && steps > began.steps ? `${Math.max(1, Math.round((job.images * job.steps - steps) / pace / 1000))} s left` : '';
  };
  const say = (job, before) => {
    const words = job.open ? (job.made && `Image ${job.made} of ${job.images} done`) : before && (job.made === job.images ? `${job.made} image${job.made > 1 ? 's' : ''} done` : 'Generation stopped');
    if (words) text('announce', words);
  };

  const hear = data => {
    const job = JSON.parse(data), state = [job.id, job.made, job.open, job.waits].join();
    everywhere(job);
    if (state === seen) return progress(job);
    say(job, seen);
    seen = state;
    refresh();
  };

  if (G.one('#stage')) {
    G.hear('job', hear, refresh);
    if (G.one('#progress')) G.heard(refresh);
    G.hear('engines', G.seldom(500, refresh));
    G.one('#ghost .ring')?.style.setProperty('--done', parseInt(G.one('#ring-percent').textContent, 10) / 100);
    /* Between two images there is nothing to look at, and that is no broken picture. */
    G.on('error', ({ target }) => { if (target.id === 'preview') target.removeAttribute('src'); }, true);
    G.on('htmx:after:swap', () => { const ring = G.one('#ring-percent'); if (ring) ring.parentElement.style.setProperty('--done', parseInt(ring.textContent, 10) / 100); });
    G.on('click', event => {
      if (!event.target.closest('#go, #vary, #grid-start')) return;
      /* Whoever starts a job wants to see it, and not the image looked at until now: an event may be here before the answer. */
      G.one('#shown-image')?.remove();
      /* A phone shows the result below. */
      if (matchMedia('(max-width: 719px)').matches) G.one('#stage').scrollIntoView({ behavior: 'smooth' });
    });
  }
}
