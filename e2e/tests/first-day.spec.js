// The first day, as somebody tries things who has read nothing. Each test has a server of its own, with the demo engine.
import { comfyui } from '../support/comfyui.js';
import { Disk } from '../support/disk.js';
import { expect, test } from '../support/test.js';

test.use({ own: { seeded: true, lookFor: 'http://127.0.0.1:9' } });

const engines = async page => {
  await page.getByRole('button', { name: 'Engines' }).click();
  return page.getByRole('dialog', { name: 'Engines' });
};

test('Generate, pressed at once, brings an image into view that says that no model was used', async ({ page, ui }) => {
  await page.goto('/');
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(1);
  await expect(ui.shots).toHaveAccessibleName('Image without a prompt, demo image');
  await expect(ui.stage.getByRole('img', { name: 'Image without a prompt' })).toBeInViewport();
  await expect(ui.stage.getByText('Demo image: no model was used')).toBeInViewport();
});

test('a ComfyUI at another address is connected from where the engine is named', async ({ page }) => {
  const double = await comfyui(['sd_xl_base_1.0.safetensors']);
  try {
    await page.goto('/');
    await (await engines(page)).getByRole('link', { name: 'Connect ComfyUI' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill(double.url);
    await page.getByRole('button', { name: 'Test and connect' }).click();
    await expect(page.getByTestId('engines-set')).toContainText(double.url);
    await page.getByRole('link', { name: 'Generate', exact: true }).first().click();
    const list = (await engines(page)).getByRole('list');
    await expect(list).toContainText(double.url);
    await expect(list).toContainText('1 of your models available');
    await expect(list).not.toContainText('demo engine');
  } finally {
    await page.goto('about:blank');
    await double.stop();
  }
});

test('a folder of LoRAs is imported, and the one that fits is offered for a checkpoint that is chosen by hand', async ({ page, ui }) => {
  const disk = new Disk();
  disk.lora('ink', 'sd1');
  disk.lora('sharp', 'sdxl');
  try {
    await page.goto('/start');
    await page.getByRole('link', { name: 'Import folder' }).click();
    await page.getByLabel('Folder on the computer that runs Genonaut').fill(disk.folder);
    await page.getByRole('button', { name: 'Scan', exact: true }).click();
    await expect(page.getByTestId('import-live')).toContainText('Done: 2 files');
    await page.getByRole('link', { name: 'All models' }).click();
    for (const name of ['ink', 'sharp']) await expect(page.getByRole('link', { name, exact: true })).toBeVisible();

    // Now there is something real: no example is chosen for anybody.
    await page.getByRole('link', { name: 'Generate', exact: true }).click();
    await page.getByRole('button', { name: /^Choose a checkpoint/ }).click();
    await ui.option(/sd_xl_base_1\.0/).click();
    await expect(ui.checkpoint).toContainText('sd_xl_base_1.0');
    await ui.pick({ all: false });
    await expect(ui.fit('Fits this checkpoint')).toBeChecked();
    await expect(ui.cards.locator('.name')).toHaveText(['sharp']);
    await ui.fit('All').check();
    await expect(ui.card('ink').getByTestId('lora-fit-badge')).toHaveText('Incompatible');
  } finally {
    await page.goto('about:blank');
    disk.clear();
  }
});

test('a LoRA that fits is found, and three weights of it are compared in a grid and rated there', async ({ page, ui }) => {
  await page.goto('/');
  await ui.checkpoint.click();
  await ui.option(/realisticVisionV51/).click();
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await ui.pick({ all: false });
  await expect(ui.fit('Fits this checkpoint')).toBeChecked();
  await expect(ui.cards.first()).toContainText('Optimal');
  await ui.cards.first().getByRole('button', { name: 'add_detail' }).click();
  await expect(ui.rows).toHaveCount(1);
  await ui.done();

  await page.getByRole('button', { name: 'Grid…' }).click();
  await page.getByRole('combobox', { name: 'Columns: setting' }).selectOption({ label: 'LoRA weight' });
  await page.getByRole('textbox', { name: 'Columns: values' }).fill('0.4, 0.7, 0.9');
  for (const text of ['3 images', 'varies the weight of add_detail']) await expect(page.getByTestId('grid-count')).toContainText(text);
  await page.getByRole('button', { name: 'Generate grid' }).click();
  await page.getByRole('link', { name: 'Grid: 3 of 3 done' }).click();

  await expect(page.getByRole('columnheader')).toHaveText(['add_detail 0.4', 'add_detail 0.7', 'add_detail 0.9']);
  for (const [weight, stars] of [['0.4', '2 stars'], ['0.7', '5 stars'], ['0.9', '3 stars']]) {
    const star = page.getByRole('group', { name: `Rate add_detail ${weight}` }).getByRole('button', { name: stars });
    await star.click();
    await expect(star).toHaveAttribute('aria-pressed', 'true');
  }
  await page.reload();
  for (const stars of ['2 stars', '5 stars', '3 stars']) await expect(page.getByRole('button', { name: stars, pressed: true })).toHaveCount(1);
});
