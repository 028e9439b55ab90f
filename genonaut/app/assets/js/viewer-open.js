/* The viewer is loaded with the first image that is looked at closely. On a phone every image of the history opens in it. */
G.on('click', async event => {
  const link = event.target.closest('#full-size, #frame, .shot:not(.ghost)');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches('.shot') && !matchMedia('(max-width: 719.98px)').matches) return;
  event.preventDefault();
  const { js, css } = G.one('#stage').dataset;
  await import(js);
  G.view(link.href.match(/[\da-f-]{36}/)[0], css);
});
