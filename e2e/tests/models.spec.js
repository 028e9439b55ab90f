// Models of the database are on the page, best rated first.
import { catalogue, expect, label, test } from '../support/test.js';

test('shows the best checkpoint chosen, and all others in rating order', async ({ page, ui, baseURL }) => {
  const models = await catalogue(baseURL, 'checkpoint-models');
  expect(models.length).toBeGreaterThan(30);
  await page.goto('/');
  await expect(ui.checkpoint).toContainText(label(models[0]));
  await ui.checkpoint.click();
  await expect(ui.options.first()).toBeVisible();
  await expect(ui.options.locator('.name')).toHaveText(models.slice(0, 12).map(label));
  // Those behind come as the list is scrolled.
  await expect(async () => {
    await ui.options.last().scrollIntoViewIfNeeded();
    await expect(ui.options.locator('.name')).toHaveText(models.map(label), { timeout: 1000 });
  }).toPass();
  await expect(ui.options.first()).toContainText('4.8');
  await expect(ui.options.first()).toContainText('SDXL');
  await expect(ui.options.last()).toContainText('Unrated');
});

test('shows every LoRA in rating order over its pages, unrated last', async ({ page, ui, baseURL }) => {
  const models = await catalogue(baseURL, 'lora-models');
  expect(models.length).toBeGreaterThan(60);
  await page.goto('/');
  await ui.pick();
  await expect(ui.cards.first()).toBeVisible();
  const names = [];
  for (;;) {
    names.push(...await ui.cards.locator('.name').allTextContents());
    const next = page.getByTestId('lora-next');
    if (!await next.isVisible()) break;
    const first = await ui.cards.first().getAttribute('id');
    await next.click();
    await expect(ui.cards.first()).not.toHaveAttribute('id', first);
  }
  expect(names).toEqual(models.map(label));
  await expect(ui.cards.last()).toContainText('Unrated');
  await page.getByTestId('lora-prev').click();
  await expect(ui.cards.first().locator('.name')).toHaveText(label(models[24 * (Math.ceil(models.length / 24) - 2)]));
});

test('counts the whole list, not the page', async ({ page, ui, baseURL }) => {
  const models = await catalogue(baseURL, 'lora-models');
  await page.goto('/');
  await ui.pick();
  await expect(ui.count).toContainText(`24 of ${models.length} LoRAs`);
});

test('shows what a LoRA is: base, rating, fit with its reason, description, words, weight', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  const card = ui.card('cinematic_lighting');
  for (const text of ['SD 1.5', '4.6', 'Incompatible', 'Film-like light', 'cinematic lighting, film look', 'Weight 0.80']) {
    await expect(card).toContainText(text);
  }
  await expect(ui.toggle('cinematic_lighting')).toHaveAccessibleDescription(/Incompatible: Made for SD 1\.5.*sd_xl_base_1\.0/);
});

test('shows odd names as they are', async ({ page, ui }) => {
  await page.goto('/?q=odd');
  const name = '<img src=x onerror=alert(1)> "odd" \'name\'';
  await ui.add(name);
  await ui.word('<b>bold</b>').click();
  await expect(ui.prompt).toHaveValue('<b>bold</b>');
  await page.reload();
  await expect(ui.word('<b>bold</b>')).toHaveAttribute('aria-pressed', 'true');
});
