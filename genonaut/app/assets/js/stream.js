/* What the server tells by itself: one stream of events for each tab, closed while nobody looks. */
{
  const hears = [], again = [];
  let stream;

  const open = () => {
    stream?.close();
    stream = undefined;
    if (document.hidden || !hears.length) return;
    stream = new EventSource('/events');
    for (const [type, listener] of hears) stream.addEventListener(type, listener);
    /* What happened meanwhile was told to nobody. */
    stream.addEventListener('error', () => { stream?.addEventListener('open', missed, { once: true }); });
  };
  const missed = () => again.forEach(look => look());

  /* Hears of every event of a type; `look` is what to do when some may have been missed. */
  G.hear = (type, listener, look) => {
    const heard = ({ data }) => listener(data);
    hears.push([type, heard]);
    if (look) again.push(look);
    if (stream) stream.addEventListener(type, heard); else open();
  };
  /* Between the page and the stream something may have happened that nobody hears of. */
  G.heard = look => stream?.addEventListener('open', look, { once: true });
  /* At most once in so many milliseconds, and once more after the last call. */
  G.seldom = (ms, act) => {
    let timer, last = -ms;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(() => { last = performance.now(); act(); }, Math.max(150, last + ms - performance.now()));
    };
  };

  G.on('visibilitychange', () => { if (!hears.length) return; open(); if (!document.hidden) missed(); });
  addEventListener('pagehide', () => stream?.close());
  addEventListener('pageshow', event => { if (event.persisted && hears.length) { open(); missed(); } });
}
