/* Trigger words: pressed means that the word is in the prompt. Changes go through the browser's own undo. */
{
  /* A reused recipe brings a new field. */
  const field = () => G.one('#prompt');
  const EDGE = '[\\p{L}\\p{N}_]';
  const escape = word => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const found = word => new RegExp(`(?<!${EDGE})${escape(word)}(?!${EDGE})`, 'iu');
  const has = word => found(word).test(field().value);

  const without = word => {
    const bare = found(word).source;
    const weighted = new RegExp(`\\s*,?\\s*(?:\\(${bare}(?::[\\d.]*)?\\)|${bare})`, 'iu');
    return field().value.replace(weighted, '').replace(/^[\s,]+/, '');
  };
  const withWord = word => {
    const before = field().value.replace(/[\s,]+$/, '');
    return before ? `${before}, ${word}` : word;
  };

  /* insertText is the only way of writing that Ctrl+Z takes back. */
  const replaceAll = text => {
    const prompt = field();
    const focused = document.activeElement;
    prompt.focus({ preventScroll: true });
    prompt.select();
    const done = text ? document.execCommand('insertText', false, text) : document.execCommand('delete');
    if (!done) {
      prompt.value = text;
      prompt.dispatchEvent(new Event('input', { bubbles: true }));
    }
    focused?.focus({ preventScroll: true });
  };
  G.rewrite = replaceAll;

  const show = () => {
    for (const chip of G.all('#loras [name=word]')) chip.setAttribute('aria-pressed', has(chip.value.trim()));
  };

  /* A LoRA that leaves takes its words along. */
  G.forget = id => {
    const pressed = G.all(`#row-${id} [name=word]`).map(chip => chip.value.trim()).filter(has);
    for (const word of pressed) replaceAll(without(word));
  };

  if (field()) {
    G.on('submit', event => {
      if (event.submitter?.name !== 'word') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const word = event.submitter.value.trim();
      replaceAll(has(word) ? without(word) : withWord(word));
      G.remember();
      show();
    }, true);
    G.on('input', event => { if (event.target === field()) show(); });
    G.on('htmx:after:swap', show);
  }
}
