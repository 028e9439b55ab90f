// With an account, everybody signs in: by keyboard, on a phone, and back to where they wanted to go.
import { expect, test } from '../support/test.js';
import { violations } from '../support/axe.js';
import { start } from '../support/server.js';

let server;
test.beforeAll(async () => {
  server = await start({ seeded: true, watching: false });
  server.run('accounts', 'add', 'Me', { input: 'correct horse battery\n' });
});
test.afterAll(() => server.stop());

test('leads to the way in, and back to what was asked for', { tag: '@every-size' }, async ({ page, ui, complaints }) => {
  await page.goto(`${server.url}/?prompt=a%20cat`);
  await expect(page.getByRole('heading', { name: 'Sign in to Genonaut' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('me');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('Wrong name or password.');
  await expect(page.getByLabel('Name')).toHaveValue('me');
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(ui.prompt).toHaveValue('a cat');
  await page.getByTestId('theme-button').click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Genonaut' })).toBeVisible();
  // The server said 401, which the browser tells.
  complaints.length = 0;
});

test('a page whose session has ended leads to the way in', async ({ page, context, ui, complaints }) => {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('Name').fill('me');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(ui.prompt).toBeVisible();
  await context.clearCookies();
  await page.getByRole('button', { name: 'Add LoRA' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Genonaut' })).toBeVisible();
  complaints.length = 0;
});
