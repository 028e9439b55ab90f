// Trigger words, however odd: the browser does with each what the server does.
import { readFileSync } from 'node:fs';
import { expect, test } from '../support/test.js';

const table = JSON.parse(readFileSync(new URL('../../genonaut/app/tests/data/trigger_words.json', import.meta.url), 'utf8'));

test('odd words go in at the end and come out clean', async ({ page }) => {
  await page.goto('/');
  const after = await page.evaluate(rows => rows.map(([prompt, word]) => G.words.toggled(prompt, word)), table);
  expect(after).toEqual(table.map(([, , toggled]) => toggled));
});

test.describe('in a catalogue of its own', () => {
  test.use({ own: { seeded: true } });

  test('a word with a hyphen is pressed and taken back, and the others still answer', async ({ page, ui, baseURL }) => {
    const words = ['art-deco', 'plain', '1990s-style (old)'];
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers, body: JSON.stringify({ path: 'loras/hyphen.safetensors', trigger_words: words }) });
    const model = await answer.json();
    await page.goto(`/?lora=${model.id}&prompt=a+cat`);
    for (const word of words) await ui.word(word).click();
    await expect(ui.prompt).toHaveValue(`a cat, ${words.join(', ')}`);
    for (const word of words) await expect(ui.word(word)).toHaveAttribute('aria-pressed', 'true');
    await ui.word('art-deco').click();
    await expect(ui.prompt).toHaveValue('a cat, plain, 1990s-style (old)');
    await expect(ui.word('art-deco')).toHaveAttribute('aria-pressed', 'false');
  });
});
