/* Prompts: Ctrl with an arrow weighs the selected words, and a hint tells about how long the prompt is for CLIP. */
{
  const WORD = /[\p{L}\p{N}_-]/u;
  const grow = box => {
    let { selectionStart: start, selectionEnd: end, value } = box;
    if (start === end) {
      while (start > 0 && WORD.test(value[start - 1])) start--;
      while (end < value.length && WORD.test(value[end])) end++;
    }
    return [start, end];
  };
  /* `(words:1.1)` around the selection, or inside of it, is weighed anew; 1 takes the brackets away. */
  const weigh = (box, by) => {
    let [start, end] = grow(box);
    if (start === end) return;
    const { value } = box;
    let words = value.slice(start, end), weight = 1;
    const around = value[start - 1] === '(' && value.slice(end).match(/^:(-?[\d.]+)\)/);
    const inside = words.match(/^\((.*):(-?[\d.]+)\)$/s);
    if (around) { weight = +around[1]; start--; end += around[0].length; } else if (inside) { words = inside[1]; weight = +inside[2]; }
    weight = Math.round((weight + by) * 100) / 100;
    const plain = weight === 1, out = plain ? words : `(${words}:${weight})`;
    box.setSelectionRange(start, end);
    if (!document.execCommand('insertText', false, out)) box.setRangeText(out, start, end, 'end');
    const inner = start + (plain ? 0 : 1);
    box.setSelectionRange(inner, inner + words.length);
  };
  G.on('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || !event.target.matches('#recipe textarea')) return;
    const by = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    weigh(event.target, by);
  });

  /* CLIP reads 75 tokens at a time. Counting them needs its vocabulary; words and signs come near. */
  const tell = () => {
    const box = G.one('#prompt'), hint = G.one('#tokens');
    if (!box) return;
    const words = box.value.replace(/[():]|[\d.]+(?=\))/g, ' ').match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
    const tokens = Math.round(words.reduce((sum, word) => sum + (word.length > 7 ? 1 + (word.length - 7) / 6 : 1), 0));
    const room = Math.max(75, Math.ceil(tokens / 75) * 75);
    hint.textContent = tokens ? `about ${tokens} of ${room} tokens` : '';
    hint.toggleAttribute('data-over', tokens > 75);
  };
  G.on('input', event => { if (event.target.id === 'prompt') tell(); });
  G.on('htmx:after:swap', tell);
  tell();
}
