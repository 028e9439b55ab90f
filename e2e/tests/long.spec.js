// The longest prompts there can be, of letters that take the most room: in fields, addresses, forms and dialogs.
import { request } from 'node:http';
import { start } from '../support/server.js';
import { expect, test } from '../support/test.js';

const prompt = '雨'.repeat(5000), negative = '🌧'.repeat(5000);

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

/** Where the form leads without scripts. The head of the answer is longer than Node takes by itself. */
const linkTo = fields => new Promise((done, failed) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const asked = request(`${server.url}/`, { method: 'POST', headers, maxHeaderSize: 131_072 }, answer => { answer.resume(); done(answer.headers.location); });
  asked.on('error', failed);
  asked.end(new URLSearchParams(fields).toString());
});

test('are typed, generated from, and found again', async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill(prompt);
  await ui.negative.fill(negative);
  const generated = page.waitForResponse(response => new URL(response.url()).pathname === '/ui/jobs');
  await ui.generate.click();
  expect((await generated).status()).toBe(202);
  await expect(page.getByTestId('notice')).toHaveCount(0);
  await page.reload();
  await expect(ui.prompt).toHaveValue(prompt);
  await expect(ui.negative).toHaveValue(negative);
});

test('go along into the dialog of grids', async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill(prompt);
  await ui.negative.fill(negative);
  await page.getByRole('button', { name: 'Grid…' }).click();
  await expect(page.getByRole('dialog', { name: /grid/i })).toBeVisible();
  await page.getByRole('combobox', { name: 'Columns: setting' }).selectOption('cfg');
  await page.getByRole('textbox', { name: 'Columns: values' }).fill('3-9 by 3');
  await expect(page.getByTestId('grid-count')).toContainText('3 images');
});

test('come with a link, which then is the draft', async ({ page, ui }) => {
  const link = await linkTo({ prompt, negative_prompt: negative, steps: '13' });
  expect(link.length).toBeGreaterThan(16_000);
  await page.goto(`${server.url}${link}`);
  await expect(page).toHaveURL(`${server.url}/`);
  await page.reload();
  await expect(ui.prompt).toHaveValue(prompt);
  await expect(page.getByTestId('steps-input')).toHaveValue('13');
});

test('are named where they are too long', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  await ui.negative.fill('x'.repeat(5001));
  await ui.generate.click();
  await expect(page.getByText('The negative prompt can have at most 5000 characters').filter({ visible: true }).first()).toBeVisible();
  await expect(ui.negative).toHaveAttribute('aria-invalid', 'true');
  complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 4(00|22)/.test(text)));
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('are sent as a form, and lead to an address', async ({ page, ui }) => {
    await page.goto(server.url);
    await ui.prompt.fill(prompt);
    await ui.negative.fill(negative);
    await ui.pick({ all: false });
    await expect(page.getByTestId('lora-picker')).toBeVisible();
    await expect(ui.prompt).toHaveValue(prompt);
    await expect(ui.negative).toHaveValue(negative);
  });
});
