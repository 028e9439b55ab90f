// An empty catalogue says what to do. And it proves that the tests of a full one could fail.
import { catalogue, expect, test } from '../support/test.js';

const url = () => process.env.GENONAUT_EMPTY_URL;

test('says how to fill it', async ({ page }) => {
  for (const kind of ['checkpoint-models', 'lora-models']) expect(await catalogue(url(), kind)).toEqual([]);
  await page.goto(url());
  const message = page.getByTestId('empty-catalogue');
  await expect(message).toContainText('Import folder');
  await expect(message).toContainText('genonaut seed');
  await expect(page.getByTestId('no-checkpoints')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Prompt', exact: true })).toBeVisible();
});

test('models that are not there are not shown', async ({ page, ui }) => {
  test.fail(true, 'this is the test that a full catalogue passes');
  await page.goto(url());
  await ui.pick();
  await expect(ui.cards.first()).toBeVisible({ timeout: 1000 });
});

test('checkpoints that are not there are not shown', async ({ page, ui }) => {
  test.fail(true, 'this is the test that a full catalogue passes');
  await page.goto(url());
  await expect(ui.checkpoint).toBeVisible({ timeout: 1000 });
});
