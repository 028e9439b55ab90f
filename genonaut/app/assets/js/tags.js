/* A prompt that somebody leaves, or pastes: the server takes LoRAs out of it, or a whole recipe, and says what it cannot use. */
{
  /* As A1111 and its kin write it, on lines of its own or not, or JSON. */
  const RECIPE = /(^|\s)Steps: \d+, \w|^\s*\{\s*"/;
  const box = () => G.one('#prompt');
  let noted = false, seen;
  const look = again => {
    const text = box().value + G.one('#negative').value;
    /* What was written by the last look is a change, too. */
    if (text === seen && !again) return;
    seen = text;
    /* What was said of the prompt before must go, too; which words mean something only the server knows. */
    if (text.trim() || noted) G.one('#take-tags').click();
    noted = Boolean(text.trim());
  };

  if (box()) {
    noted = Boolean(G.one('#prompt-notes p'));
    G.on('change', ({ target }) => { if (target.matches('#prompt, #negative')) look(); });
    G.on('paste', event => {
      if (event.target !== box()) return;
      /* A whole recipe takes the place of the prompt, so that it is read as one. */
      if (RECIPE.test((event.clipboardData?.getData('text') ?? '').trim())) box().select();
      setTimeout(look, 0, true);
    });
    /* Ctrl+Enter does not leave the field. */
    G.on('click', event => { if (event.target.closest('#go')) setTimeout(look, 0, true); });
    /* Written as the browser's own undo has it; what was typed meanwhile is looked at again. */
    G.on('htmx:after:swap', () => {
      const taken = G.one('#taken');
      if (!taken) return;
      const { was, now } = taken.dataset;
      taken.remove();
      seen = now + G.one('#negative').value;
      if (box().value === was) G.rewrite(now); else if (box().value !== now) look();
    });
  }
}
