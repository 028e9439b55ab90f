/* What the server tells by itself: one stream of events for each tab, closed while nobody looks. */
{
  const hears = [], again = [];
  let stream;

  const AGAIN = 5000;
  let later;

  const open = () => {
    clearTimeout(later);
    stream?.close();
    stream = undefined;
    if (document.hidden || !hears.length) return;
    stream = new EventSource('/events');
    for (const [type, listener] of hears) stream.addEventListener(type, listener);
    stream.addEventListener('database', database);
    stream.addEventListener('error', () => {
      /* What happened meanwhile was told to nobody. */
      if (stream?.readyState !== EventSource.CLOSED) return stream?.addEventListener('open', missed, { once: true });
      /* Refused, and the browser tries no more: to look says why, and leads to where one signs in again. */
      missed();
      later = setTimeout(open, AGAIN);
    });
  };
  /* Of the program's own database: why it is away, or nothing when it is back. */
  const database = ({ data }) => {
    const { away } = JSON.parse(data), pill = G.one('#engine');
    if (!away) { G.settle('database'); return missed(); }
    G.stay([away], 'database', 'alert');
    if (!pill) return;
    pill.querySelector('.dot').dataset.state = 'bad';
    pill.querySelector('b').textContent = 'Database away';
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
