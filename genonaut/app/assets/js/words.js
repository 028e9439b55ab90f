/* Trigger words: pressed means that the word is in the prompt. Changes go through the browser's own undo. */
{
  const prompt = G.one('#prompt');
  const EDGE = '[\\p{L}\\p{N}_]';
  const escape = word => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const found = word => new RegExp(`(?<!${EDGE})${escape(word)}(?!${EDGE})`, 'iu');
  const has = word => found(word).test(prompt.value);

  const without = word => {
    const bare = found(word).source;
    const weighted = new RegExp(`\\s*,?\\s*(?:\\(${bare}(?::[\\d.]*)?\\)|${bare})`, 'iu');
    return prompt.value.replace(weighted, '').replace(/^[\s,]+/, '');
  };
  const withWord = word => {
    const before = prompt.value.replace(/[\s,]+$/, '');
    return before ? `${before}, ${word}` : word;
  };

  /* insertText is the only way of writing that Ctrl+Z takes back. */
  const replaceAll = text => {
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

  const show = () => {
    for (const chip of G.all('#loras [name=word]')) chip.setAttribute('aria-pressed', has(chip.value.trim()));
  };

  if (prompt) {
    G.on('submit', event => {
      if (event.submitter?.name !== 'word') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const word = event.submitter.value.trim();
      replaceAll(has(word) ? without(word) : withWord(word));
      G.remember();
      show();
    }, true);
    G.on('input', event => { if (event.target === prompt) show(); });
    G.on('htmx:after:swap', show);
  }
}
