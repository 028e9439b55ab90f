// From an empty catalogue to pictures of the ComfyUI that runs here, as a person does it.
import { start } from '../support/server.js';
import { expect, test } from '../support/test.js';

const comfyui = process.env.GENONAUT_COMFYUI, folders = process.env.GENONAUT_COMFYUI_FOLDERS.split('\n');

let server;
test.beforeAll(async () => { server = await start({ seeded: false, lookFor: comfyui, hashing: false, watching: false }); });
test.afterAll(() => server.stop());

async function scan(page, folder) {
  await page.getByTestId('import-path').fill(folder);
  await page.getByTestId('import-start').click();
  await expect(page.locator('#scan .scan-what')).toContainText(folder);
  await expect(page.getByTestId('import-live')).toContainText(/Done: /, { timeout: 60_000 });
}

test('imports, agrees to the ComfyUI, picks, watches, keeps and cancels', async ({ page, ui }) => {
  await page.goto(`${server.url}/models`);
  await page.getByRole('button', { name: 'Import folder' }).click();
  for (const folder of folders) await scan(page, folder);

  await page.goto(server.url);
  await page.getByRole('button', { name: 'Engines' }).click();
  await page.getByRole('dialog', { name: 'Engines' }).getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByTestId('engine-list')).toContainText(comfyui);
  await expect(page.getByTestId('engine-status')).toContainText('Ready', { timeout: 15_000 });

  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('genonaut-e2e');
  await ui.option('genonaut-e2e').click();
  await expect(ui.checkpoint).toContainText('genonaut-e2e');
  await ui.add('genonaut-e2e-lora');
  await ui.prompt.fill('a lighthouse');
  for (const [id, value] of [['width-input', '64'], ['height-input', '64'], ['steps-input', '20']]) await page.getByTestId(id).fill(value);
  await ui.generate.click();
  const look = ui.stage.locator('img[src*="/preview"]');
  await expect.poll(() => look.evaluate(image => image.naturalWidth), { timeout: 60_000 }).toBeGreaterThan(0);
  await expect(ui.shots).toHaveCount(1, { timeout: 120_000 });
  await expect(ui.stage.getByRole('img', { name: 'a lighthouse' })).toBeVisible();
  for (const fact of ['genonaut-e2e', '64×64', 'ComfyUI']) await expect(ui.stage).toContainText(fact);

  await page.getByTestId('steps-input').fill('150');
  await ui.generate.click();
  await expect.poll(() => look.evaluate(image => image.naturalWidth), { timeout: 60_000 }).toBeGreaterThan(0);
  await ui.prompt.blur();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('engine-status')).toContainText('Ready', { timeout: 15_000 });
  await expect(ui.shots).toHaveCount(1);
  await expect.poll(async () => (await (await fetch(`${comfyui}/queue`)).json()).queue_running.length, { timeout: 30_000 }).toBe(0);
});
