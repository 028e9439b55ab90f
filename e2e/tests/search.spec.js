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

test('the picker opens on what fits, and on all where nothing does', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick({ all: false });
  await expect(ui.fit('Fits this checkpoint')).toBeChecked();
  await expect(ui.cards.locator('.name')).toHaveText(['xl_detail', 'xl_plain']);
  await ui.done();
  // What was not chosen is not kept: another checkpoint has other LoRAs.
  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('haystack');
  await ui.option(/haystack_needle/).click();
  await expect(ui.checkpoint).toContainText('haystack_needle');
  await ui.pick({ all: false });
  await expect(ui.cards.locator('.name')).toHaveText(['anime_style']);
  await page.goto('/?q=needle');
  await ui.pick({ all: false });
  await expect(ui.fit('All')).toBeChecked();
  await expect(ui.cards.locator('.name')).toHaveText(['needle_in_hay']);
});

test('details of a LoRA open over the list, and close back to its card', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await ui.search.fill('cinematic');
  await expect(ui.cards).toHaveCount(1);
  const button = page.getByRole('link', { name: 'Details of cinematic_lighting' });
  await button.click();
  const details = page.getByTestId('lora-detail');
  await expect(details.getByRole('heading', { name: 'cinematic_lighting' })).toBeFocused();
  await expect(page.getByTestId('lora-detail-words')).toContainText('film look');
  await expect(details).toContainText('Incompatible');
  await page.keyboard.press('Escape');
  await expect(details).toBeHidden();
  await expect(ui.search).toHaveValue('cinematic');
  await expect(button).toBeFocused();
  await button.click();
  await page.getByTestId('lora-detail-add').click();
  await expect(ui.rows.filter({ hasText: 'cinematic_lighting' })).toHaveCount(1);
  await expect(details).toBeHidden();
});

test('tags are found by a part of them', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  const picker = page.getByTestId('lora-picker'), filters = picker.getByRole('button', { name: 'Filters' });
  if (await filters.isVisible()) await filters.click();
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('enhan');
  await expect(picker.getByRole('group', { name: 'Tags' }).getByRole('checkbox')).toHaveCount(1);
  await picker.getByRole('checkbox', { name: /^enhancement/ }).check();
  await expect(page).toHaveURL(/tag=enhancement/);
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('nothing at all');
  await expect(page.getByTestId('no-tags')).toBeVisible();
  await expect(picker.getByRole('checkbox', { name: /^enhancement/ })).toBeChecked();
});

test('nothing that fits offers the way to all', async ({ page, ui }) => {
  await page.goto('/?q=needle&fit=optimal');
  await ui.pick({ all: false });
  await page.getByRole('button', { name: 'Search all LoRAs' }).click();
  await expect(ui.cards.locator('.name')).toHaveText(['needle_in_hay']);
  await expect(ui.fit('All')).toBeChecked();
});

test('a link to the open picker brings the choices of its filters', { tag: '@every-size' }, async ({ page }) => {
  await page.goto('/?pick=1&fit=any');
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
