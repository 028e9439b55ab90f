// Models corrected, one or twenty at once, undone, deleted and restored.
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.use({ own: { seeded: true } });

const JSON_TYPE = { 'Content-Type': 'application/json' };
const cards = page => page.getByTestId('model-card');
const box = (page, name) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
const bulk = page => page.getByRole('form', { name: 'Bulk edit' });

/** So many more LoRAs, named `many_00` and on, with the tag `many`. */
async function make(baseURL, count) {
  const names = Array.from({ length: count }, (_, at) => `many_${String(at).padStart(2, '0')}`);
  for (const name of names) {
    const body = JSON.stringify({ path: `loras/${name}.safetensors`, tags: ['many'], compatible_architectures: ['sd1'] });
    expect((await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers: JSON_TYPE, body })).status).toBe(201);
  }
  return names;
}
const many = async baseURL => (await (await fetch(`${baseURL}/api/v1/lora-models?tag=many&limit=200`)).json()).items;

test('base model, name, words and family of twenty models are corrected at once and undone', async ({ page, baseURL }) => {
  await make(baseURL, 20);
  const before = await many(baseURL);
  await page.goto('/models?tag=many&sort=name&view=list');
  await box(page, 'many_00').check();
  await box(page, 'many_19').click({ modifiers: ['Shift'] });
  await expect(bulk(page)).toContainText('20 selected');
  await bulk(page).getByRole('combobox', { name: 'Set base model' }).selectOption({ label: 'SDXL' });
  await bulk(page).getByRole('textbox', { name: 'Set family' }).fill('Mine');
  await bulk(page).getByRole('textbox', { name: 'In names, replace' }).fill('many_');
  await bulk(page).getByRole('textbox', { name: 'Replace with' }).fill('Many ');
  await bulk(page).getByRole('textbox', { name: 'Add trigger words' }).fill('glow');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(bulk(page).getByRole('status')).toHaveText('20 of 20 updated');
  const now = await many(baseURL);
  expect(now.map(model => model.name).sort()).toEqual(before.map(model => model.name.replace('many_', 'Many ')).sort());
  expect(now.map(model => [model.bases[0], model.family, model.trigger_words[0]])).toEqual(now.map(() => ['sdxl', 'Mine', 'glow']));
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('20 of 20 restored')).toBeVisible();
  const plain = models => models.map(({ last_updated, ...model }) => model).sort((one, other) => one.id.localeCompare(other.id));
  expect(plain(await many(baseURL))).toEqual(plain(before));
});

test('a model whose new name is taken is listed with the reason, and the others are renamed', { tag: '@every-size' }, async ({ page, baseURL }) => {
  await make(baseURL, 3);
  const body = JSON.stringify({ path: 'other.safetensors', name: 'Many 02' });
  expect((await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers: JSON_TYPE, body })).status).toBe(201);
  await page.goto('/models?tag=many&sort=name');
  await page.getByRole('checkbox', { name: 'Select all 3 that match' }).check();
  await bulk(page).getByRole('textbox', { name: 'In names, replace' }).fill('many_');
  await bulk(page).getByRole('textbox', { name: 'Replace with' }).fill('Many ');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(bulk(page).getByRole('status')).toHaveText('2 of 3 updated');
  await expect(page.getByTestId('bulk-refused')).toContainText('many_02: "Many 02" is already the name of another model');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('2 of 2 restored')).toBeVisible();
  await expect(page.getByTestId('bulk-refused')).toHaveCount(0);
  expect((await many(baseURL)).map(model => model.name).sort()).toEqual(['many_00', 'many_01', 'many_02']);
});

test('all that a filter leaves are one selection, and Undo is where one looks', async ({ page, baseURL }) => {
  await make(baseURL, 20);
  const fields = models => models.map(model => [model.name, model.bases, model.family ?? null, model.trigger_words]).sort();
  const before = fields(await many(baseURL));
  await page.goto('/models?tag=many&sort=name');
  await page.getByRole('checkbox', { name: 'Select all 20 that match' }).check();
  await expect(bulk(page)).toContainText('All 20 that match selected');
  await page.getByRole('link', { name: 'many_19' }).scrollIntoViewIfNeeded();
  await bulk(page).getByRole('combobox', { name: 'Set base model' }).selectOption({ label: 'SDXL' });
  await bulk(page).getByRole('textbox', { name: 'Add trigger words' }).fill('glow');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(bulk(page).getByRole('status')).toHaveText('20 of 20 updated');
  expect(fields(await many(baseURL))).toEqual(before.map(([name, , family]) => [name, ['sdxl'], family, ['glow']]));
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeInViewport();
  await undo.click();
  await expect(page.getByText('20 of 20 restored')).toBeInViewport();
  expect(fields(await many(baseURL))).toEqual(before);
});

test('a selection outlasts pages and filters, grows with the keyboard, and can be all that match', { tag: '@every-size' }, async ({ page, baseURL }) => {
  await make(baseURL, 60);
  await page.goto('/models?tag=many&sort=name&view=list');
  await box(page, 'many_00').check();
  await box(page, 'many_00').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(bulk(page)).toContainText('2 selected');
  await page.getByTestId('models-next').click();
  await box(page, 'many_50').check();
  await expect(bulk(page)).toContainText('3 selected');
  await page.getByTestId('models-prev').click();
  await expect(box(page, 'many_01')).toBeChecked();
  await page.getByTestId('select-all').check();
  await expect(bulk(page)).toContainText('All 60 that match selected');
  expect(await violations(page)).toEqual([]);
  await bulk(page).getByRole('textbox', { name: 'Add tags' }).fill('all');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(bulk(page).getByRole('status')).toHaveText('60 of 60 updated');
});

test('a model is corrected on its page, deleted, found in the trash and restored', { tag: '@every-size' }, async ({ page, baseURL, complaints }) => {
  await make(baseURL, 1);
  const [{ id }] = await many(baseURL);
  await page.goto(`/models/lora/${id}`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Corrected');
  await page.getByRole('textbox', { name: 'Name', exact: true }).blur();
  await expect(page.getByRole('heading', { name: 'Corrected' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Add a base model' }).selectOption({ label: 'SDXL' });
  await expect.poll(async () => (await many(baseURL))[0].compatible_architectures).toEqual(['sd1', 'sdxl']);
  await page.getByRole('textbox', { name: 'Trigger words' }).fill('second, group\nfirst');
  await expect.poll(async () => (await many(baseURL))[0].trigger_words).toEqual(['second, group', 'first']);
  await page.getByTestId('model-delete').locator('summary').click();
  await page.getByRole('button', { name: 'Move to the trash' }).click();
  await page.getByRole('link', { name: 'Open the trash' }).click();
  // Its own page is no longer there.
  complaints.splice(0, complaints.length, ...complaints.filter(text => !text.includes('status of 404')));
  await expect(page.getByTestId('trash-entry')).toContainText('Corrected');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Restore Corrected' }).click();
  await expect(page.getByText('No models in the trash.')).toBeVisible();
  expect((await many(baseURL)).map(model => model.id)).toEqual([id]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('all that match are changed and undone by forms', async ({ page, baseURL }) => {
    await make(baseURL, 60);
    await page.goto('/models?tag=many');
    await page.getByTestId('select-all').check();
    await bulk(page).getByRole('textbox', { name: 'Set family' }).fill('Plain');
    await bulk(page).getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('60 models updated')).toBeVisible();
    expect((await many(baseURL))[0].family).toBe('Plain');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('60 models updated')).toBeVisible();
    expect((await many(baseURL))[0].family ?? null).toBe(null);
  });
});
