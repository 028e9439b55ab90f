// Without JavaScript everything still works, as links and forms.
import { expect, test } from '../support/test.js';

test.use({ javaScriptEnabled: false, contextOptions: { reducedMotion: 'reduce' } });

test('search, fit, choose, add, words and pages', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await expect(ui.cards).toHaveCount(24);
  await ui.prompt.fill('a cat');
  await ui.search.fill('cinematic');
  await ui.search.press('Enter');
  await expect(ui.cards.locator('.name')).toHaveText(['cinematic_lighting']);
  await ui.toggle('cinematic_lighting').click();
  await expect(ui.rows).toContainText('Incompatible');
  await expect(ui.toggle('cinematic_lighting')).toHaveAttribute('aria-pressed', 'true');
  await ui.word('film look').click();
  await expect(ui.prompt).toHaveValue('a cat, film look');

  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('realistic');
  await ui.checkpointSearch.press('Enter');
  await ui.option(/realisticVisionV51/).click();
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await expect(ui.rows).toContainText('Compatible');
  await expect(ui.prompt).toHaveValue('a cat, film look');

  await ui.search.fill('');
  await ui.fit('Optimal').check();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(ui.cards.locator('.name')).toHaveText(['add_detail', 'portrait_enhancer']);
  await ui.toggle('cinematic_lighting').waitFor({ state: 'detached' });
  await ui.rows.getByRole('button', { name: 'Remove cinematic_lighting' }).click();
  await expect(ui.rows).toHaveCount(0);
});

test('pages go on and back, and the theme holds', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  const first = await ui.cards.first().locator('.name').textContent();
  await page.getByTestId('lora-next').click();
  await expect(ui.cards.first().locator('.name')).not.toHaveText(first);
  await page.getByTestId('lora-prev').click();
  await expect(ui.cards.first().locator('.name')).toHaveText(first);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(ui.cards.first().locator('.name')).toHaveText(first);
});
