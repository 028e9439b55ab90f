/* Sliders and their exact numbers, steppers. */
{
  const partner = field => field.dataset.for ? document.getElementById(field.dataset.for) : G.one(`[data-for="${CSS.escape(field.id)}"]`);
  const paint = range => range.parentElement.style.setProperty('--p', `${Math.min(100, Math.max(0, (range.value - range.min) / (range.max - range.min) * 100))}%`);
  const mark = slider => slider.style.setProperty('--rec', Math.min(1, Math.max(0, slider.dataset.rec / 2)));

  const paintAll = () => {
    G.all('.slider [type=range]').forEach(paint);
    G.all('.slider[data-rec]').forEach(mark);
  };
  G.paint = range => { if (range?.type === 'range') paint(range); };
  G.on('input', ({ target }) => {
    G.paint(target);
    if (!target.matches('.param input, .weight input')) return;
    const other = partner(target);
    if (other && target.value !== '') other.value = target.value;
    G.paint(other);
  });
  G.on('change', ({ target }) => { if (target.dataset.for) G.one('#recipe').requestSubmit(); });
  G.on('dblclick', ({ target }) => { if (target.matches('.weight [type=range]')) target.closest('.weight').querySelector('.rec')?.click(); });
  G.on('click', ({ target }) => {
    const step = target.closest('[data-step]'), field = G.one('#images');
    if (!step) return;
    field.value = Math.min(field.max, Math.max(field.min, +field.value + +step.dataset.step));
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  G.on('htmx:after:swap', paintAll);
  paintAll();
}
