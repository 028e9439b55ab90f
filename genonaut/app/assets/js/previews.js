/* A preview that cannot be shown leaves its place to the motif below it: never the browser's sign of a broken image. */
{
  const leave = image => { if (image.matches?.('.art img')) image.remove(); };
  G.on('error', event => leave(event.target), true);
  for (const image of G.all('.art img')) if (image.complete && !image.naturalWidth && image.currentSrc) leave(image);
}
