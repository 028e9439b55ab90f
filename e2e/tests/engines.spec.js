// What makes the images: found, chosen, told of, with and without scripts. Each test goes on where the one before ended.
import { comfyui } from '../support/comfyui.js';
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let double, server;
test.beforeAll(async () => {
  double = await comfyui(['sd_xl_base_1.0.safetensors']);
  server = await start({ seeded: true, lookFor: double.url });
});
test.afterAll(async () => { await server.stop(); await double.stop(); });

const pill = page => page.getByTestId('engine-status');
const open = async page => {
  await page.getByRole('button', { name: 'Engines' }).click();
  const dialog = page.getByRole('dialog', { name: 'Engines' });
  await expect(dialog).toBeVisible();
  return dialog;
};

test('with nothing found the page says what to do, and the demo engine works', { tag: '@every-size' }, async ({ page }) => {
  const alone = await start({ seeded: false, lookFor: 'http://127.0.0.1:9' });
  try {
    await page.goto(alone.url);
    await expect(pill(page)).toContainText('Ready');
    await expect(page.getByTestId('stage')).toContainText('Genonaut looks for it at http://127.0.0.1:9');
    const help = (await open(page)).getByTestId('engine-help');
    await expect(help).toContainText('Start it on the computer that runs Genonaut');
    await expect(help).toContainText('Images come from the demo engine until you connect ComfyUI.');
    expect(await violations(page)).toEqual([]);
  } finally {
    await page.goto('about:blank');
    await alone.stop();
  }
});

test('a ComfyUI is offered, and asked nothing more before somebody agrees', { tag: '@every-size' }, async ({ page }) => {
  await page.goto(server.url);
  await expect(pill(page)).toContainText('Ready');
  const dialog = await open(page);
  await expect(dialog.getByTestId('engine-found')).toContainText(`ComfyUI 0.3.64 found at ${double.url}`);
  await expect(dialog).toContainText('demo engine');
  expect(new Set(double.asked)).toEqual(new Set(['GET /system_stats']));
  expect(await violations(page)).toEqual([]);
  const box = await dialog.boundingBox();
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(page.viewportSize().width);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // A phone's pill has no room for it: there it stands below.
  await expect(page.getByTestId('engine-offer')).toBeVisible({ visible: page.viewportSize().width < 720 });
});

test('without scripts it is offered and used as well, and left again', async ({ browser }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false, reducedMotion: 'reduce' })).newPage();
  await page.goto(server.url);
  let dialog = await open(page);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(pill(page)).toContainText('Ready');
  dialog = await open(page);
  await expect(dialog.getByTestId('engine-list')).toContainText(double.url);
  await dialog.getByRole('button', { name: 'Use the demo engine' }).click();
  await expect(page.getByTestId('engine-list')).toContainText('demo engine');
  await page.context().close();
});

test('one that is used tells how it is, goes away and comes back without a reload', { tag: '@every-size' }, async ({ page }) => {
  await page.goto(server.url);
  let dialog = await open(page);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByTestId('engine-list')).toContainText(double.url);
  dialog = await open(page);
  await expect(dialog.getByTestId('engine-list')).toContainText('Ready');
  await expect(dialog.getByTestId('engine-list')).toContainText('1 of your models available');
  await expect(dialog.getByTestId('engine-found')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);

  const { port } = double;
  await double.stop();
  await expect(pill(page)).toContainText('Not reachable');
  await expect(dialog.getByTestId('engine-list')).toContainText('does not respond');
  await expect(dialog.getByTestId('engine-list')).toContainText('Start it or check its address');
  expect(await violations(page)).toEqual([]);
  double = await comfyui(['sd_xl_base_1.0.safetensors'], port);
  await expect(pill(page)).toContainText('Ready');
});

test('a job for a model that it lacks says so, naming the model', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('realisticVision');
  await ui.option('realisticVisionV51').click();
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await ui.prompt.fill('a lighthouse');
  await ui.generate.click();
  await expect(page.getByTestId('waits-for')).toContainText('No engine has realisticVisionV51');
  await expect(pill(page)).toContainText('Waiting');
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('cancel-button').click();
  await expect(page.getByTestId('waits-for')).toHaveCount(0);
  const all = await fetch(`${server.url}/api/v1/engines`).then(answer => answer.json());
  expect(all.map(engine => [engine.kind, engine.reachable, engine.models])).toEqual([['ComfyUI', true, 1]]);
});
