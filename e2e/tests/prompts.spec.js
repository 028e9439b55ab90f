// A prompt as other programs write it: pasted, typed and left, with undo; and wildcards.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const note = page => page.getByTestId('prompt-note');

test('a pasted tag becomes a row, and undo leads back', async ({ page, ui, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await page.goto(server.url);
  await page.evaluate(() => navigator.clipboard.writeText('a cat, <lora:ADD_DETAIL:0.45>, rain'));
  await ui.prompt.focus();
  await page.keyboard.press('Control+V');
  await expect(ui.rows).toHaveCount(1);
  await expect(ui.weight('add_detail')).toHaveValue('0.45');
  await expect(ui.prompt).toHaveValue('a cat, rain');
  await expect(ui.prompt).toBeFocused();
  await expect(page).toHaveURL(/prompt=a\+cat%2C\+rain/);
  await page.getByTestId('toast').getByRole('link', { name: 'Undo' }).click();
  await expect(ui.rows).toHaveCount(0);
  await expect(ui.prompt).toHaveValue('a cat, <lora:ADD_DETAIL:0.45>, rain');
});

test('what is not here stays, is said, and can be searched for', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('a cat <lora:nobody:1> <lora:add_detail:0.5:0.9>');
  await ui.negative.focus();
  await expect(note(page).first()).toContainText('follow A1111/Forge syntax: CLIP 0.50, model 0.90');
  await expect(note(page).last()).toContainText('No LoRA named “nobody”');
  await expect(ui.prompt).toHaveValue('a cat <lora:nobody:1>');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Use SwarmUI' }).click();
  await expect(ui.weight('add_detail')).toHaveValue('0.50');
  await expect(ui.prompt).toHaveValue('a cat <lora:nobody:1>');
  await page.getByRole('link', { name: 'Search LoRAs' }).click();
  await expect(page.getByTestId('lora-picker')).toBeVisible();
  await expect(ui.search).toHaveValue('nobody');
});

test('pasted parameters become the whole recipe', async ({ page, ui, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await page.goto(server.url);
  await ui.prompt.fill('something before');
  const text = 'dunes <lora:add_detail:0.7>\nNegative prompt: fog\nSteps: 12, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 512x768, Model: realisticVisionV51';
  await page.evaluate(text => navigator.clipboard.writeText(text), text);
  await page.keyboard.press('Control+V');
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await expect(ui.prompt).toHaveValue('dunes');
  await expect(ui.negative).toHaveValue('fog');
  await expect(page.getByTestId('seed-input')).toHaveValue('77');
  await expect(page.getByTestId('steps-input')).toHaveValue('12');
  await expect(ui.weight('add_detail')).toHaveValue('0.70');
});

test('choices are drawn for each image, and a wildcard that is not here is said at the prompt', async ({ page, ui, complaints }) => {
  await page.goto(server.url);
  await page.getByTestId('steps-input').fill('2');
  await ui.prompt.fill('a __nobody__');
  await ui.prompt.press('Control+Enter');
  await expect(note(page)).toContainText('Wildcard __nobody__ not found');
  await expect(ui.shots).toHaveCount(0);
  await ui.prompt.fill('a {red|green|blue} {cat|dog|fox} {x|y}');
  await ui.images.fill('4');
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(4);
  await expect(note(page)).toHaveCount(0);
  await expect(page.getByTestId('prompt-template').locator('dd')).toHaveText('a {red|green|blue} {cat|dog|fox} {x|y}');
  const shown = await page.locator('#facts dd').first().textContent();
  expect(shown).toMatch(/^a (red|green|blue) (cat|dog|fox) [xy]$/);
  await expect(ui.prompt).toHaveValue('a {red|green|blue} {cat|dog|fox} {x|y}');
  // Both answers to Ctrl+Enter are refusals, and either may be told late.
  complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 422/.test(text)));
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the form takes the tags when it is sent', async ({ page, ui }) => {
    await page.goto(server.url);
    await ui.prompt.fill('a cat <lora:add_detail:0.5>, <lora:nobody:1>');
    await ui.pick();
    await expect(ui.rows).toContainText('add_detail');
    await expect(ui.prompt).toHaveValue('a cat, <lora:nobody:1>');
    await expect(note(page)).toContainText('No LoRA named “nobody”');
  });
});
