// Grids: from the dialog to the last cell. Each project has a server of its own, because they make images.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const axis = async (page, name, kind, values) => {
  await page.getByRole('combobox', { name: `${name}: setting` }).selectOption(kind);
  await page.getByRole('textbox', { name: `${name}: values` }).fill(values);
};
const open = async page => {
  await page.getByRole('button', { name: 'Grid…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Grid' });
  await expect(dialog).toBeVisible();
  return dialog;
};

test('a grid is counted while it is written, and every mistake is named', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('copper dunes');
  const dialog = await open(page);
  await expect(page.getByRole('combobox', { name: 'Columns: setting' })).toBeFocused();
  await axis(page, 'Columns', 'steps', '2-4');
  await expect(page.getByTestId('grid-count')).toContainText('3 images');
  await axis(page, 'Columns', 'steps', '2-4, many, 999');
  await expect(page.getByTestId('grid-problem')).toContainText('Steps: “many” is not a number');
  await expect(page.getByTestId('grid-problem')).toContainText('must be a whole number from 1 to 150, not “999”');
  expect(await violations(page)).toEqual([]);
  await axis(page, 'Columns', 'steps', '2-4');
  // Models are chosen instead of typed; another kind of values is replaced.
  await page.getByRole('combobox', { name: 'Rows: add a value' }).selectOption('realisticVisionV51');
  await page.getByRole('combobox', { name: 'Rows: add a value' }).selectOption('sd_xl_base_1.0');
  await expect(page.getByRole('combobox', { name: 'Rows: setting' })).toHaveValue('checkpoint');
  await expect(page.getByRole('textbox', { name: 'Rows: values' })).toHaveValue('realisticVisionV51\nsd_xl_base_1.0');
  await axis(page, 'One table each', 'lora', 'none, add_detail');
  await expect(page.getByTestId('grid-count')).toContainText('3 × 2 × 2 = 12 cells, 9 images');
  await expect(page.getByTestId('grid-count')).toContainText('3 cells stay empty: add_detail does not fit');
  expect(await violations(page)).toEqual([]);
  // Closed and opened again, it is as it was left.
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await open(page);
  await expect(page.getByRole('textbox', { name: 'One table each: values' })).toHaveValue('none, add_detail');
});

test('its cells are made one by one, on the stage and on its page', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('copper dunes');
  const dialog = await open(page);
  await axis(page, 'Columns', 'steps', '2-4');
  await axis(page, 'Rows', 'checkpoint', 'realisticVisionV51, sd_xl_base_1.0');
  await axis(page, 'One table each', 'lora', 'none, add_detail');
  await page.getByRole('button', { name: 'Generate grid' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('grid-set')).toContainText('of 9 done');
  // By keyboard, since it moves with each image that comes.
  await page.getByTestId('grid-link').press('Enter');
  await expect(page.getByRole('heading', { name: 'Steps × Checkpoint × LoRA' })).toBeVisible();
  await expect(page.getByTestId('grid-table')).toHaveCount(2);
  await expect(page.getByTestId('grid-cell')).toHaveCount(12);
  await expect(page.getByTestId('grid-progress')).toHaveText('9 of 9 done');
  await expect(page.getByRole('button', { name: 'Cancel remaining' })).toHaveCount(0);
  const last = page.getByRole('link', { name: 'Steps 4, realisticVisionV51, add_detail' });
  await expect(last).toBeVisible();
  await expect(page.getByTestId('grid-table').nth(1)).toContainText('add_detail does not fit. Made for SD 1.5');
  expect(await violations(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'pixels too wide').toBeLessThanOrEqual(0);
  await last.click();
  await expect(ui.stage).toContainText('add_detail');
  await expect(page.getByTestId('grid-link')).toHaveText('Grid: 9 of 9 done');
});

test('weights are called by their LoRA, and images are rated in their cells', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('copper dunes');
  await ui.add('add_detail');
  const dialog = await open(page);
  await axis(page, 'Columns', 'weight', '0.4, 0.8');
  await page.getByRole('button', { name: 'Generate grid' }).click();
  await expect(dialog).toBeHidden();
  // Before that it is the link of the grid that the last image is of.
  await expect(page.getByTestId('grid-link')).toContainText('of 2 done');
  await page.getByTestId('grid-link').press('Enter');
  await expect(page.getByRole('heading', { name: 'LoRA weight (add_detail)' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'add_detail 0.8' })).toBeVisible();
  await expect(page.getByTestId('grid-progress')).toHaveText('2 of 2 done');
  const rating = page.getByRole('group', { name: 'Rate add_detail 0.8' });
  await rating.getByRole('button', { name: '4 stars' }).click();
  await expect(rating.getByRole('button', { name: '4 stars' })).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await expect(rating.getByRole('button', { name: '4 stars' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('nav-grids')).toHaveAttribute('aria-current', 'page');
  expect(await violations(page)).toEqual([]);
});

test('the rest is cancelled, tried again, and the grid forgotten', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('long ago');
  await open(page);
  await axis(page, 'Columns', 'seed', '1-40');
  await page.getByRole('button', { name: 'Generate grid' }).click();
  await expect(page.getByTestId('grid-link')).toContainText('of 40 done');
  const place = await page.getByTestId('grid-link').getAttribute('href');
  await page.getByTestId('set-cancel').click();
  // Once it is cancelled the stage shows the latest image, which may be another grid's.
  await expect(page.getByTestId('engine-status')).toContainText('Ready');
  await page.goto(server.url + place);
  await expect(page.getByTestId('grid-progress')).toContainText('failed');
  await expect(page.getByTestId('grid-retry')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('grid-retry').click();
  await expect(page.getByTestId('grid-cancel')).toBeVisible();
  await page.getByTestId('grid-cancel').click();
  await expect(page.getByTestId('grid-retry')).toBeVisible();
  await page.locator('summary').filter({ hasText: 'Delete grid' }).click();
  await page.getByTestId('grid-delete').click();
  await expect(page.getByTestId('grid-list').getByRole('listitem')).toHaveCount(2);
  await expect(page.getByTestId('grid-list')).toContainText('9 of 9 done');
  expect(await violations(page)).toEqual([]);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the same is a page', async ({ page }) => {
    await page.goto(`${server.url}/?prompt=still+dunes`);
    await page.getByRole('button', { name: 'Grid…' }).click();
    await expect(page.getByRole('heading', { name: 'New grid' })).toBeVisible();
    await axis(page, 'Columns', 'cfg', '3-9 by 3');
    await page.getByRole('button', { name: 'Count' }).click();
    await expect(page.getByTestId('grid-count')).toContainText('3 images');
    await expect(page.getByRole('textbox', { name: 'Columns: values' })).toHaveValue('3-9 by 3');
    await page.getByRole('button', { name: 'Generate grid' }).click();
    await expect(page.getByText('still dunes')).toBeVisible();
    await expect(page.getByTestId('grid-progress')).toHaveText('3 of 3 done');
  });
});
