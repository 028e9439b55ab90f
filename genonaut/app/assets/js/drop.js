/* A picture that is dropped on the page, or chosen, brings its recipe. */
{
  const veil = G.one('#drop'), button = G.one('#load-image-button');
  let depth = 0;
  const load = file => import(button.dataset.js).then(() => G.readImage(file), () => G.stay([`${file.name}: Cannot reach the server. The image was not read.`], 'drop', 'alert'));

  if (veil) {
    const show = on => { depth = on ? depth : 0; veil.hidden = !on; };
    const files = event => [...event.dataTransfer?.types ?? []].includes('Files');
    addEventListener('dragenter', event => { if (files(event)) { depth++; show(true); } });
    addEventListener('dragleave', event => { if (files(event) && --depth <= 0) show(false); });
    addEventListener('dragover', event => { if (files(event)) event.preventDefault(); });
    addEventListener('drop', event => {
      if (!files(event)) return;
      event.preventDefault();
      show(false);
      if (event.dataTransfer.files.length) load(event.dataTransfer.files[0]);
    });
    const chooser = G.one('#load-image');
    button.addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => { if (chooser.files.length) load(chooser.files[0]); chooser.value = ''; });
  }
}
