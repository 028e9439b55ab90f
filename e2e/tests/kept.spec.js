// What a person has set stays set: filters, orders and what is looked at, through typing, paging, other orders and back.
import { expect, test } from '../support/test.js';

const picker = page => page.getByTestId('lora-picker');
const openFilters = async page => {
  const button = picker(page).getByRole('button', { name: 'Filters' });
  if (await button.isVisible()) await button.click();
};
const box = (page, name) => picker(page).getByRole('checkbox', { name });

test('the LoRA picker ticks what was ticked, however the choices change around it', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await openFilters(page);
  // The choices come with counts, and in another order, after each tick.
  for (const name of [/^SD 1\.5/, /^enhancement/]) {
    await box(page, name).check();
    await expect(box(page, name)).toBeChecked();
    await expect(page).toHaveURL(name.source.startsWith('^SD') ? /base=sd1/ : /tag=enhancement/);
  }
  await expect(ui.cards.locator('.name')).toHaveText(['add_detail', 'portrait_enhancer']);
  await expect(picker(page).getByRole('checkbox', { checked: true })).toHaveCount(2);
});

test('typing, another order, and back keep the filters of the LoRA picker', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await ui.fit('Fits this checkpoint').check();
  await expect(page).toHaveURL(/fit=compatible/);
  await ui.search.fill('xl');
  await expect(page).toHaveURL(/q=xl/);
  await expect(page).toHaveURL(/fit=compatible/);
  await expect(ui.cards.locator('.name')).toHaveText(['xl_detail', 'xl_plain']);
  await page.getByTestId('lora-sort').selectOption('name');
  await expect(page).toHaveURL(/sort=name/);
  await ui.search.fill('xl_');
  await expect(page).toHaveURL(/q=xl_/);
  await expect(page).toHaveURL(/fit=compatible.*sort=name|sort=name.*fit=compatible/);
  await expect(page.getByTestId('lora-sort')).toHaveValue('name');
  await page.goBack();
  await expect(page).not.toHaveURL(/sort=name/);
  await expect(ui.fit('Fits this checkpoint')).toBeChecked();
  await expect(page.getByTestId('lora-sort')).toHaveValue('rating');
});

test('back brings the ticks of the LoRA picker back with its list', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await openFilters(page);
  await box(page, /^SD 1\.5/).check();
  await expect(page).toHaveURL(/base=sd1/);
  await box(page, /^enhancement/).check();
  await expect(ui.cards.locator('.name')).toHaveText(['add_detail', 'portrait_enhancer']);
  await page.goBack();
  await expect(page).not.toHaveURL(/tag=/);
  await expect(box(page, /^enhancement/)).not.toBeChecked();
  await expect(box(page, /^SD 1\.5/)).toBeChecked();
  await expect(ui.cards).toHaveCount(24);
});

test('paging keeps the filters of the LoRA picker', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await openFilters(page);
  await box(page, /^SD 1\.5/).check();
  await expect(page).toHaveURL(/base=sd1/);
  await page.getByTestId('lora-next').click();
  await expect(page.getByTestId('lora-prev')).toBeVisible();
  await expect(page).toHaveURL(/base=sd1/);
  await expect(box(page, /^SD 1\.5/)).toBeChecked();
});

test('the list of checkpoints keeps its order while somebody types', async ({ page, ui }) => {
  await page.goto('/');
  await ui.checkpoint.click();
  await page.getByTestId('checkpoint-sort').selectOption('name');
  await ui.checkpointSearch.fill('base_1');
  await expect(ui.options.locator('.name').first()).toHaveText('base_1');
  await expect(page.getByTestId('checkpoint-sort')).toHaveValue('name');
  await expect(ui.options.locator('.name').nth(1)).toHaveText('base_10');
});

test('typing on the Models page keeps filters, order and view', { tag: '@every-size' }, async ({ page }, { project }) => {
  await page.goto('/models?base=sd1&minr=0.75&sort=name&view=list');
  await page.getByRole('searchbox', { name: 'Search models' }).fill('a');
  await expect(page).toHaveURL(/q=a/);
  for (const part of ['base=sd1', 'minr=0.75', 'sort=name', 'view=list']) expect(page.url()).toContain(part);
  if (project.use.hasTouch) await page.getByRole('button', { name: 'Filters', exact: true }).click();
  await expect(page.getByRole('form', { name: 'Filters' }).getByRole('checkbox', { name: /^SD 1\.5/ })).toBeChecked();
});
