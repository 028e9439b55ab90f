/* Grids: what their form needs is loaded when somebody wants one. */
G.on('click', async event => {
  const button = event.target.closest('#grid-open');
  if (!button) return;
  event.preventDefault();
  await import(button.dataset.js);
  G.grid(button.dataset.css);
});
