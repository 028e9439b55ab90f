/* Cards: arrow keys move to the neighbour that is nearest on the screen. */
{
  const distance = (here, there, key) => {
    const dx = there.left - here.left, dy = there.top - here.top;
    const ahead = { ArrowRight: dx > 4 && Math.abs(dy) < 20, ArrowLeft: dx < -4 && Math.abs(dy) < 20, ArrowDown: dy > 4, ArrowUp: dy < -4 }[key];
    return ahead ? Math.abs(dx) + Math.abs(dy) * 1.6 : Infinity;
  };
  G.on('keydown', event => {
    if (!event.key.startsWith('Arrow') || !event.target.matches('.card .hit')) return;
    const here = event.target.closest('.card').getBoundingClientRect();
    const far = G.all('#cards .hit').map(hit => [distance(here, hit.closest('.card').getBoundingClientRect(), event.key), hit]);
    const [space, next] = far.reduce((a, b) => (b[0] < a[0] ? b : a));
    if (space === Infinity) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  });
}
