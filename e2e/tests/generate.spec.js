// Generating, looking, rating, reusing: each test has a server of its own, because it makes images.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const make = async (page, ui, prompt, images = 1) => {
  await ui.prompt.fill(prompt);
  await ui.images.fill(String(images));
  await ui.generate.click();
};

test('an empty history says so, and a failure says what to do', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await expect(ui.stage).toContainText('No images yet');
  await make(page, ui, 'demo:out-of-memory');
  await expect(ui.stage.getByRole('alert')).toContainText('Not enough GPU memory');
  await expect(ui.stage.getByRole('alert')).toContainText('smaller size');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByTestId('engine-status')).toContainText('Ready');
  await expect(ui.stage.getByRole('alert')).toContainText('Not enough GPU memory');
  // Closed, it stays closed; the next failure is shown again.
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(ui.stage).toContainText('No images yet');
  await page.reload();
  await expect(ui.stage).toContainText('No images yet');
  await make(page, ui, 'demo:out-of-memory');
  await expect(ui.stage.getByRole('alert')).toContainText('Not enough GPU memory');
});

test('a job shows its progress, its images, and what they were made from', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await make(page, ui, 'copper dunes', 3);
  await expect(page.getByTestId('progress')).toBeVisible();
  await expect(ui.generate).toContainText('Queue');
  await expect(page.getByTestId('history-live')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await expect(ui.shots).toHaveCount(3);
  await expect(ui.generate).toContainText('Generate');
  await expect(ui.stage.getByRole('img', { name: 'copper dunes' })).toBeVisible();
  for (const fact of ['sd_xl_base_1.0', '1024×1024', 'DPM++ 2M Karras', 'demo engine']) await expect(ui.stage).toContainText(fact);
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await expect(ui.shots).toHaveCount(3);
  await expect(ui.prompt).toHaveValue('copper dunes');
  // The browser's own page for an image; it must not complain either.
  await page.goto(server.url + await page.getByRole('link', { name: 'Open full size' }).getAttribute('href'));
  await expect(page).toHaveURL(/\/images\//);
  await expect(page.getByRole('img')).toBeVisible();
});

test('Ctrl+Enter generates, Escape cancels, what is made stays', async ({ page, ui }) => {
  await page.goto(server.url);
  await expect(ui.shots).toHaveCount(3);
  await ui.images.fill('20');
  await ui.prompt.fill('copper dunes');
  await page.keyboard.press('Control+Enter');
  // More may be there by the time anybody looks.
  await expect.poll(() => ui.shots.count()).toBeGreaterThan(3);
  await ui.prompt.blur();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('engine-status')).toContainText('Ready');
  expect(await ui.shots.count()).toBeLessThan(20);
});

test('stars are kept, and the history can be narrowed to them', async ({ page, ui }) => {
  await page.goto(server.url);
  await page.getByRole('button', { name: '4 stars' }).click();
  await expect(page.getByRole('button', { name: '4 stars' })).toHaveAttribute('aria-pressed', 'true');
  await expect(ui.shots.first()).toHaveAccessibleName(/, 4 stars$/);
  await page.getByTestId('history-filter').selectOption('liked');
  await expect(ui.shots).toHaveCount(1);
  await page.reload();
  await page.keyboard.press('5');
  await expect(ui.shots.first()).toHaveAccessibleName(/, 5 stars$/);
  await page.keyboard.press('0');
  await expect(page.getByRole('button', { name: '5 stars' })).toHaveAttribute('aria-pressed', 'false');
});

test('another filter of the history leaves the image that is looked at', async ({ page, ui }) => {
  await page.goto(server.url);
  const id = (await ui.shots.nth(1).getAttribute('id')).replace('shot-', '');
  await page.goto(`${server.url}/?image=${id}`);
  const shown = ui.stage.locator('img.shown');
  await expect(shown).toHaveAttribute('src', `/images/${id}`);
  await page.getByTestId('history-filter').selectOption('liked');
  // The stars of the test before were cleared.
  await expect(ui.shots).toHaveCount(0);
  await expect(shown).toHaveAttribute('src', `/images/${id}`);
});

test('a deleted image comes back with Undo', async ({ page, ui }) => {
  await page.goto(server.url);
  const before = await ui.shots.count();
  const name = await ui.shots.first().getAttribute('id');
  await page.getByTestId('delete-image').click();
  await expect(ui.shots).toHaveCount(before - 1);
  await ui.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(ui.shots).toHaveCount(before);
  await expect(ui.shots.first()).toHaveAttribute('id', name);
});

test('a recipe is reused whole or in parts, and Undo leads back', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('something else');
  await page.getByTestId('steps-input').fill('11');
  // With no room above, the menu is below, and never over what opens it.
  await page.getByTestId('reuse').evaluate(button => { button.scrollIntoView({ block: 'start' }); scrollBy(0, -90); });
  await page.getByTestId('reuse').click();
  const menu = await page.getByRole('menu', { name: 'Reuse' }).boundingBox(), button = await page.getByTestId('reuse').boundingBox();
  expect(menu.y >= button.y + button.height || menu.y + menu.height <= button.y, JSON.stringify({ menu, button })).toBe(true);
  await page.getByRole('menuitem', { name: 'Seed', exact: true }).click();
  await expect(page.getByTestId('seed-input')).toHaveValue(/^\d+$/);
  await expect(ui.prompt).toHaveValue('something else');
  await page.getByTestId('reuse').click();
  await page.getByRole('menuitem', { name: /^All parameters/ }).click();
  await expect(ui.prompt).toHaveValue('copper dunes');
  await expect(page.getByTestId('steps-input')).toHaveValue('30');
  await ui.toast.last().getByRole('link', { name: 'Undo' }).click();
  await expect(ui.prompt).toHaveValue('something else');
  await expect(page.getByTestId('steps-input')).toHaveValue('11');
});

test('the same seed makes the same image, Vary another', async ({ page, ui }) => {
  await page.goto(server.url);
  const bytes = async () => (await page.request.get(server.url + await ui.stage.locator('img.shown').getAttribute('src'))).body();
  const before = await ui.shots.count() + 1;
  await page.getByTestId('seed-input').fill('7');
  await make(page, ui, 'one sea');
  await expect(ui.shots).toHaveCount(before);
  await expect(ui.stage.getByRole('img', { name: 'one sea' })).toBeVisible();
  const first = await bytes();
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(before + 1);
  expect(first.equals(await bytes())).toBe(true);
  await page.getByTestId('vary').click();
  await expect(ui.shots).toHaveCount(before + 2);
  expect(first.equals(await bytes())).toBe(false);
});

test('a second tab shows the draft and hears of new images', async ({ page, ui, context }) => {
  await page.goto(server.url);
  const before = await ui.shots.count();
  const kept = page.waitForResponse(answer => answer.url().endsWith('/ui/draft') && /seen(\+|%20| )in/.test(answer.request().postData() ?? ''));
  await ui.prompt.fill('seen in both');
  await expect(page).toHaveURL(/seen\+in\+both/);
  await kept;
  const other = await context.newPage();
  await other.goto(server.url);
  await expect(other.getByTestId('prompt-input')).toHaveValue('seen in both');
  await page.bringToFront();
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(before + 1);
  await other.bringToFront();
  await expect(other.getByTestId('history-item')).toHaveCount(before + 1);
});

test('a picture brings its recipe back, and a file that is none is told', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  const picture = await (await page.request.get(server.url + await ui.stage.locator('img.shown').getAttribute('src'))).body();
  await ui.prompt.fill('not this');
  await page.getByTestId('load-image').setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer: picture });
  await expect(ui.prompt).not.toHaveValue('not this');
  await expect(page.getByTestId('seed-input')).toHaveValue(/^\d+$/);
  await page.getByTestId('load-image').setInputFiles({ name: 'note.png', mimeType: 'image/png', buffer: Buffer.from('hello') });
  await expect(page.getByRole('alert')).toContainText('note.png: this is not a PNG');
  complaints.length = 0;
});
