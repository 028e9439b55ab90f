/* The viewer: an image over the whole page. Keys, swipes and buttons lead to those beside it; wheel, pinch, double click
   and keys make it larger. What it shows comes from the server. */
{
  const MOST = 8, SWIPE = 50;
  let dialog, shown, opened;

  /* Which images it goes through: those that the history lists. */
  const among = (...names) => {
    const form = G.one('#recipe');
    return new URLSearchParams(form ? [...new FormData(form)].filter(([name]) => names.includes(name)) : []);
  };
  const load = id => htmx.ajax('GET', `/ui/images/${id}/view?${among('shown', 'checkpoint')}`, { target: '#viewer-body', swap: 'innerMorph' });
  const press = selector => G.one(selector, dialog)?.click();

  const make = css => {
    dialog = Object.assign(document.createElement('dialog'), { id: 'viewer', className: 'viewer' });
    dialog.setAttribute('aria-labelledby', 'viewer-h');
    dialog.dataset.testid = 'viewer';
    dialog.append(Object.assign(document.createElement('div'), { id: 'viewer-body' }));
    document.body.append(dialog);
    dialog.addEventListener('close', closed);
    dialog.addEventListener('wheel', event => {
      const at = point(event);
      if (!at) return;
      event.preventDefault();
      enlarge(zoom * Math.exp(-event.deltaY / 400), at);
    }, { passive: false });
    for (const [type, listener] of Object.entries({ pointerdown: down, pointermove: move, pointerup: up, pointercancel: up })) dialog.addEventListener(type, listener);
    dialog.addEventListener('dblclick', event => { const at = point(event); if (at) enlarge(zoom > 1 ? 1 : 2.5, at); });
    return G.styled(css);
  };
  G.view = async (id, css) => {
    if (!dialog) await make(css);
    await load(id);
    if (!G.one('#v-img')) return;
    if (!dialog.open) dialog.showModal();
    opened = id;
    look();
    G.one('#v-stage').focus();
  };
  /* The stage goes on with what was looked at last. */
  const closed = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    if (shown && shown !== opened) htmx.ajax('GET', `/ui/live?image=${shown}&${among('since', 'shown', 'checkpoint')}`, { swap: 'none', target: '#stage' });
    shown = undefined;
  };
  /* What has come: another image is seen whole. */
  const look = () => {
    const now = G.one('#v-stage')?.dataset.image;
    if (now !== shown) { zoom = 1; x = y = 0; }
    shown = now;
    if (now) draw(); else dialog.close();
  };

  let zoom = 1, x = 0, y = 0;
  const within = (value, side) => { const most = (zoom - 1) * side / 2; return Math.min(most, Math.max(-most, value)); };
  const draw = () => {
    const { offsetWidth, offsetHeight } = G.one('#v-img');
    x = within(x, offsetWidth);
    y = within(y, offsetHeight);
    for (const image of G.all('.v-img', dialog)) image.style.transform = zoom > 1 ? `translate(${x}px, ${y}px) scale(${zoom})` : '';
    G.one('#v-stage').toggleAttribute('data-zoomed', zoom > 1);
    G.one('#v-zoom').textContent = `${Math.round(zoom * 100)}%`;
  };
  /* The point, counted from the middle, stays where it is. */
  const enlarge = (wanted, at = { x: 0, y: 0 }) => {
    const next = Math.min(MOST, Math.max(1, wanted)), by = next / zoom;
    x = at.x - (at.x - x) * by;
    y = at.y - (at.y - y) * by;
    zoom = next;
    draw();
  };
  const point = ({ clientX, clientY, target }) => {
    const box = target.closest?.('figure')?.getBoundingClientRect();
    return box && { x: clientX - box.x - box.width / 2, y: clientY - box.y - box.height / 2 };
  };

  /* One finger moves a large image or swipes to the next, two pinch. */
  const fingers = new Map();
  let began, pinched = false;
  const apart = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY); };
  function down(event) {
    if (!event.target.closest('figure') || event.button) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 1) began = event; else pinched = true;
  }
  function move(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 2) {
      const was = apart();
      fingers.set(event.pointerId, event);
      const [a, b] = [...fingers.values()];
      const at = point({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2, target: a.target });
      if (was && at) enlarge(zoom * apart() / was, at);
      return;
    }
    fingers.set(event.pointerId, event);
    if (zoom === 1) return;
    x += event.clientX - before.clientX;
    y += event.clientY - before.clientY;
    draw();
  }
  function up(event) {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    const across = event.clientX - began.clientX, along = event.clientY - began.clientY;
    const swiped = event.type === 'pointerup' && event.pointerType !== 'mouse' && !pinched && zoom === 1;
    pinched = false;
    if (swiped && Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(along)) press(across < 0 ? '#v-older' : '#v-newer');
  }

  const rate = stars => () => { if (+G.one('#v-stars').dataset.stars !== stars) press(`#v-star-${stars}`); };
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.());
  const keys = {
    arrowleft: () => press('#v-newer'),
    arrowright: () => press('#v-older'),
    '+': () => enlarge(zoom * 1.5),
    '=': () => enlarge(zoom * 1.5),
    '-': () => enlarge(zoom / 1.5),
    0: () => enlarge(1),
    c: () => press('#v-compare, #v-single'),
    delete: () => press('#v-delete'),
    f: full,
    ...Object.fromEntries([1, 2, 3, 4, 5].map(stars => [stars, rate(stars)])),
  };
  G.on('keydown', event => {
    if (!dialog?.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const go = keys[event.key.toLowerCase()];
    if (!go) return;
    event.preventDefault();
    go();
  });
  G.on('click', ({ target }) => {
    if (target.closest('[data-viewer-close]')) dialog.close();
    const by = target.closest('[data-zoom]')?.dataset.zoom;
    if (by) enlarge({ in: zoom * 1.5, out: zoom / 1.5, fit: 1 }[by]);
  });
  /* Back closes it, as a phone's own button does. */
  addEventListener('popstate', () => dialog?.close());
  G.on('htmx:after:swap', () => { if (dialog?.open) look(); });
  /* What comes back from the trash is what one wants to see. */
  G.on('htmx:after:request', ({ detail: { ctx } }) => {
    const id = ctx.request?.action?.match(/\/ui\/images\/([\da-f-]{36})\/restore/)?.[1];
    if (id && dialog?.open && ctx.response?.status < 400) load(id);
  });
}
