// Search and fit ask the whole catalogue.
import { catalogue, expect, label, test } from '../support/test.js';

test('finds a LoRA that is not on the first page', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await expect(ui.card('needle_in_hay')).toHaveCount(0);
  await ui.search.fill('needle hay');
  await expect(ui.cards.locator('.name')).toHaveText(['needle_in_hay']);
  await expect(ui.count).toHaveText('1 LoRA');
  await expect(page).toHaveURL(/q=needle\+hay/);
  await ui.search.fill('EEDL');
  await expect(ui.cards.locator('.name')).toHaveText(['needle_in_hay']);
  for (const nothing of ['nothing at all', '[]', ':3']) {
    await ui.search.fill(nothing);
    await expect(page.getByTestId('no-results')).toBeVisible();
    await expect(page).toHaveURL(address => address.searchParams.get('q') === nothing);
  }
});

test('finds a checkpoint that is not on the first page', async ({ page, ui }) => {
  await page.goto('/');
  await expect(ui.option(/haystack_needle/)).toHaveCount(0);
  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('haystack');
  await expect(ui.options.locator('.name')).toHaveText(['haystack_needle']);
  await ui.checkpointSearch.fill('nothing at all');
  await expect(page.getByTestId('no-checkpoint-matches')).toBeVisible();
});

test('fit narrows to what fits, over all pages', async ({ page, ui, baseURL }) => {
  await page.goto('/');
  await ui.pick();
  await ui.fit('Optimal').check();
  await expect(ui.cards.locator('.name')).toHaveText(['xl_detail']);
  await ui.fit('Fits this checkpoint').check();
  await expect(ui.cards.locator('.name')).toHaveText(['xl_detail', 'xl_plain']);
  await expect(page).toHaveURL(/fit=compatible/);
  await ui.fit('All').check();
  const models = await catalogue(baseURL, 'lora-models');
  await expect(ui.cards.locator('.name')).toHaveText(models.slice(0, 24).map(label));
});

test('nothing that fits offers the way to all', async ({ page, ui }) => {
  await page.goto('/?q=needle&fit=optimal');
  await ui.pick();
  await page.getByRole('button', { name: 'Search all LoRAs' }).click();
  await expect(ui.cards.locator('.name')).toHaveText(['needle_in_hay']);
  await expect(ui.fit('All')).toBeChecked();
});

test('a link to the open picker brings the choices of its filters', { tag: '@every-size' }, async ({ page }) => {
  await page.goto('/?pick=1');
  const filters = page.getByTestId('lora-picker').getByRole('button', { name: 'Filters' });
  if (await filters.isVisible()) await filters.click();
  await expect(page.getByRole('checkbox', { name: /SD 1\.5/ })).toBeVisible();
});

test('a search leaves the page that the list was on', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await page.getByTestId('lora-next').click();
  await expect(page.getByTestId('lora-prev')).toBeVisible();
  await ui.search.fill('add_detail');
  await expect(ui.cards.locator('.name')).toHaveText(['add_detail']);
});
