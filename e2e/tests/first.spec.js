// From nothing to a first real engine without a manual. Each test has a server of its own.
import { comfyui } from '../support/comfyui.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.use({ own: { seeded: true, lookFor: 'http://127.0.0.1:9' } });

test('the empty stage leads to a ComfyUI at another address, which is tested before it is kept', { tag: '@every-size' }, async ({ page, server, complaints }) => {
  const double = await comfyui(['sd_xl_base_1.0.safetensors']);
  try {
    await page.goto(server.url);
    await page.getByTestId('stage').getByRole('link', { name: 'Connect ComfyUI' }).click();
    await expect(page.getByRole('heading', { name: 'Connect ComfyUI' })).toBeInViewport();
    expect(await violations(page)).toEqual([]);

    await page.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9');
    await page.getByRole('button', { name: 'Test and connect' }).click();
    await expect(page.getByRole('textbox', { name: 'Address' })).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue('http://127.0.0.1:9');
    expect(await violations(page)).toEqual([]);
    // The refusal itself.
    complaints.length = 0;

    await page.getByRole('textbox', { name: 'Address' }).fill(double.url);
    await page.getByRole('textbox', { name: /^Name/ }).first().fill('big');
    await page.getByRole('button', { name: 'Test and connect' }).click();
    await expect(page.getByTestId('engines-set')).toContainText(double.url);
    await page.getByRole('textbox', { name: 'Name of big' }).fill('bigger');
    await page.getByRole('button', { name: 'Rename big' }).click();
    await expect(page.getByTestId('engines-set')).toContainText('bigger');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(page.viewportSize().width);
    expect(await violations(page)).toEqual([]);

    await page.getByRole('link', { name: 'Generate', exact: true }).first().click();
    await expect(page.getByTestId('engine-status')).toContainText('bigger');
    await page.goto(`${server.url}/start`);
    await page.getByRole('button', { name: 'Remove bigger' }).click();
    await expect(page.getByTestId('engines-set')).toHaveCount(0);
  } finally {
    await page.goto('about:blank');
    await double.stop();
  }
});

test('a demo image says that it is one', async ({ page, server, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('a lighthouse');
  await ui.generate.click();
  await expect(page.getByTestId('stage').getByTestId('demo-badge')).toBeVisible();
  await expect(page.getByTestId('history-item').first()).toHaveAccessibleName(/demo image/);
});

test('examples are marked, hidden with one click, and shown again', { tag: '@every-size' }, async ({ page, server }) => {
  await page.goto(`${server.url}/models`);
  await expect(page.getByTestId('example').first()).toHaveText('Example, no file');
  await page.getByRole('button', { name: 'Hide examples' }).click();
  await expect(page.getByTestId('no-models')).toBeVisible();
  await expect(page.getByTestId('ways').getByRole('link')).toHaveText(['Connect ComfyUI', 'Use the built-in engine', 'Import folder']);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show examples' }).click();
  await expect(page.getByTestId('model-card').first()).toBeVisible();
});

test('folders are browsed with the keyboard', { tag: '@every-size' }, async ({ page, server }) => {
  await page.goto(`${server.url}/models/import?at=/`);
  await expect(page.getByTestId('browse-folders')).toContainText('usr');
  const folder = page.getByTestId('browse-folders').getByRole('link', { name: 'usr', exact: true });
  await folder.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#browse-h')).toHaveText('/usr');
  await page.getByRole('link', { name: 'Up to the folder above' }).click();
  await expect(page.locator('#browse-h')).toHaveText('/');
  expect(await violations(page)).toEqual([]);
});
