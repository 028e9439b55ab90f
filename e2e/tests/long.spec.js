// The longest prompts there can be, of letters that take the most room: in fields, addresses, forms and dialogs.
import { start } from '../support/server.js';
import { expect, test } from '../support/test.js';

const prompt = '雨'.repeat(5000), negative = '🌧'.repeat(5000);

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

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
  await page.locator('#x-kind').selectOption('cfg');
  await page.getByRole('textbox', { name: 'X values' }).fill('3-9 by 3');
  await expect(page.getByTestId('grid-count')).toContainText('3 = 3 images');
});

test('come with a link, which then is the draft', async ({ page, ui, request }) => {
  const led = await request.post(`${server.url}/`, { form: { prompt, negative_prompt: negative, steps: '13' }, maxRedirects: 0 });
  const link = led.headers().location;
  expect(link.length).toBeGreaterThan(16_000);
  const kept = page.waitForResponse(response => new URL(response.url()).pathname === '/ui/draft');
  await page.goto(`${server.url}${link}`);
  await kept;
  await expect(page).toHaveURL(`${server.url}/`);
  await page.reload();
  await expect(ui.prompt).toHaveValue(prompt);
  await expect(page.getByTestId('steps-input')).toHaveValue('13');
});

test('are named where they are too long', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  await ui.negative.fill('x'.repeat(5001));
  await ui.generate.click();
  await expect(page.getByText('The negative prompt has at most 5000 characters').first()).toBeVisible();
  await expect(ui.negative).toHaveAttribute('aria-invalid', 'true');
  complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 422/.test(text)));
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('are sent as a form, and lead to an address', async ({ page, ui }) => {
    await page.goto(server.url);
    await ui.prompt.fill(prompt);
    await ui.negative.fill(negative);
    await ui.pick();
    await expect(page.getByTestId('lora-picker')).toBeVisible();
    await expect(ui.prompt).toHaveValue(prompt);
    await expect(ui.negative).toHaveValue(negative);
  });
});
