// What is refused is said at its field and in a toast that stays.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const toast = page => page.locator('.toast.stays');
// A refusal is an answer of its own status, which the browser writes to its console.
const expected = complaints => complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 4(00|22)/.test(text)));

test('Generate goes to the field that is wrong, and its toast stays until it is closed', { tag: '@every-size' }, async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  const steps = page.getByRole('spinbutton', { name: 'Steps, exact' });
  await steps.fill('200');
  await ui.prompt.focus();
  await expect(steps).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Control+Enter');
  await expect(steps).toBeFocused();
  await expect(steps).toHaveValue('200');
  await expect(steps).toHaveAccessibleDescription('Steps must be a whole number from 1 to 150, not “200”.');
  await expect(page.locator('.field-error')).toBeInViewport();
  await expect(toast(page)).toContainText('Steps must be a whole number from 1 to 150');
  expect(await violations(page)).toEqual([]);
  await toast(page).getByRole('button', { name: 'Close' }).click();
  await expect(toast(page)).toHaveCount(0);
  await steps.fill('12');
  await expect(steps).not.toHaveAttribute('aria-invalid');
  await expect(page.locator('.field-error')).toHaveCount(0);
  expected(complaints);
});

test('a weight beyond all weights is refused, not dropped', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  await ui.add('add_detail');
  await ui.weight('add_detail').fill('9');
  await ui.generate.click();
  await expect(ui.weight('add_detail')).toHaveAttribute('aria-invalid', 'true');
  await expect(toast(page)).toContainText('Weight must be a number from -4 to 4, not “9”');
  expected(complaints);
});

test('the model editor refuses what Generate refuses, at the field', async ({ page, complaints }) => {
  await page.goto(`${server.url}/models?type=checkpoint&q=sd_xl_base`);
  await page.getByRole('link', { name: 'sd_xl_base_1.0' }).click();
  const steps = page.getByRole('spinbutton', { name: 'Steps' });
  await steps.fill('200');
  await steps.blur();
  await expect(steps).toHaveAttribute('aria-invalid', 'true');
  await expect(steps).toHaveAccessibleDescription(/Steps: must be a whole number from 1 to 150, not “200”/);
  const said = toast(page);
  await expect(said).toContainText('must be a whole number');
  // Also where the panel is a modal dialog.
  await said.getByRole('button', { name: 'Close' }).click();
  await expect(said).toHaveCount(0);
  await steps.fill('40');
  await steps.blur();
  await expect(page.getByText('Saved')).toBeVisible();
  await expect(steps).not.toHaveAttribute('aria-invalid');
  expected(complaints);
});

test('a grid goes to the axis that is wrong', async ({ page, complaints }) => {
  await page.goto(server.url);
  await page.getByTestId('grid-open').click();
  await page.getByTestId('x-kind').selectOption('steps');
  await page.getByTestId('x-values').fill('20, 999');
  await page.getByTestId('grid-start').click();
  await expect(page.getByTestId('x-values')).toBeFocused();
  await expect(page.getByTestId('x-values')).toHaveAttribute('aria-invalid', 'true');
  await expect(toast(page)).toContainText('not “999”');
  await toast(page).getByRole('button', { name: 'Close' }).click();
  expected(complaints);
});

test('a folder that is not there is said at its field', async ({ page, complaints }) => {
  await page.goto(`${server.url}/models`);
  await page.getByTestId('import-open').click();
  const path = page.getByTestId('import-path');
  await path.fill('/no/such/folder');
  await page.getByTestId('import-start').click();
  await expect(path).toBeFocused();
  await expect(path).toHaveAttribute('aria-invalid', 'true');
  await expect(toast(page)).toContainText('on the computer that runs Genonaut');
  expected(complaints);
});

test('what has no field is said once', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  const nobody = `${server.url}/ui/images/0190b2d4-0000-7000-8000-000000000001/restore`;
  await page.route('**/ui/jobs', route => route.continue({ url: nobody }));
  await ui.generate.click();
  await expect(toast(page)).toContainText('Image not found.');
  await expect(page.getByText('Image not found.')).toHaveCount(1);
  complaints.length = 0;
});

test('the toast of a server that was away goes with its next answer', async ({ page, complaints }) => {
  await page.goto(server.url);
  await page.route('**/?*', route => route.abort());
  await page.getByRole('radio', { name: /^2 to 3/ }).click();
  await expect(page.getByRole('alert')).toContainText('Cannot reach the server');
  await page.unroute('**/?*');
  await page.getByRole('radio', { name: /^3 to 2/ }).click();
  await expect(page.getByTestId('width-input')).toHaveValue('1280');
  await expect(toast(page)).toHaveCount(0);
  complaints.length = 0;
});

test('Esc cancels what was queued a moment ago, while the prompt has the focus', async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.images.fill('20');
  await ui.prompt.fill('copper dunes');
  let go;
  await page.route('**/ui/jobs', async route => { await new Promise(done => { go = done; }); await route.continue(); });
  const queued = page.waitForRequest('**/ui/jobs');
  await page.keyboard.press('Control+Enter');
  await queued;
  await page.keyboard.press('Escape');
  const cancelled = page.waitForResponse(/\/ui\/jobs\/[^/]+\/cancel$/);
  await expect.poll(() => Boolean(go)).toBe(true);
  go();
  expect((await cancelled).status()).toBe(204);
  await expect.poll(async () => (await (await fetch(`${server.url}/api/v1/jobs`)).json()).length).toBe(0);
});

test('one press cancels all that is queued', async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.images.fill('20');
  await ui.prompt.fill('copper dunes');
  for (let at = 0; at < 3; at++) await ui.generate.click();
  await expect(page.getByTestId('cancel-all')).toContainText('3');
  await page.getByTestId('cancel-all').click();
  await expect.poll(async () => (await (await fetch(`${server.url}/api/v1/jobs`)).json()).length).toBe(0);
  await expect(page.getByTestId('cancel-all')).toHaveCount(0);
});
