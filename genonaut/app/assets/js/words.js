/* Trigger words: pressed means that the word is in the prompt. Changes go through the browser's own undo.
   `words.rs` does the same without scripts; both are tested with the same table. */
{
  /* A reused recipe brings a new field. */
  const field = () => G.one('#prompt');
  const joins = char => char !== undefined && /[\p{Alphabetic}\p{N}_-]/u.test(char);
  const same = (a, b) => a === b || a.toLowerCase() === b.toLowerCase();

  /* Where the word begins and ends, in characters; not as a part of a longer one. */
  const find = (prompt, word) => {
    const last = word.length ? prompt.length - word.length : -1;
    for (let at = 0; at <= last; at++) {
      const end = at + word.length;
      if (word.every((char, i) => same(char, prompt[at + i])) && !joins(prompt[at - 1]) && !joins(prompt[end])) return [at, end];
    }
  };
  /* `(word:1.2)` goes as a whole. */
  const weighted = (prompt, [start, end]) => {
    const tail = prompt.slice(end).join('').match(/^[:.\d-]*\)/);
    return prompt[start - 1] === '(' && tail ? weighted(prompt, [start - 1, end + tail[0].length]) : [start, end];
  };
  const taken = (prompt, [start, end]) => {
    const before = prompt.slice(0, start).join('').trimEnd().replace(/,$/, '').trimEnd(), after = prompt.slice(end).join('');
    return before ? before + after : after.replace(/^[\s,]+/, '');
  };
  const without = (text, word) => {
    for (let prompt = [...text], found; (found = find(prompt, [...word])); prompt = [...text]) text = taken(prompt, weighted(prompt, found));
    return text;
  };
  const withWord = (text, word) => {
    const before = text.replace(/[\s,]+$/, '');
    return before ? `${before}, ${word}` : word;
  };
  const has = (text, word) => Boolean(find([...text], [...word.trim()]));
  const toggled = (text, word) => {
    word = word.trim();
    return has(text, word) ? without(text, word) : word ? withWord(text, word) : text;
  };
  G.words = { has, toggled };

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
    for (const chip of G.all('#loras [name=word]')) chip.setAttribute('aria-pressed', has(field().value, chip.value));
  };

  /* A LoRA that leaves takes its words along. */
  G.forget = id => {
    for (const chip of G.all(`#row-${id} [name=word]`)) if (has(field().value, chip.value)) replaceAll(without(field().value, chip.value.trim()));
  };

  if (field()) {
    G.on('submit', event => {
      if (event.submitter?.name !== 'word') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      replaceAll(toggled(field().value, event.submitter.value));
      G.remember();
      show();
    }, true);
    G.on('input', event => { if (event.target === field()) show(); });
    G.on('htmx:after:swap', show);
  }
}
