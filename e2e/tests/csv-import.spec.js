// A table from a spreadsheet: looked at, decided column by column, imported; and the export that goes there.
import { readFile } from 'node:fs/promises';
import { violations } from '../support/axe.js';
import { catalogue, expect, test } from '../support/test.js';

// Importing changes the catalogue.
test.use({ own: { seeded: true } });

const file = (text, name = 'models_loras.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const rows = page => page.getByTestId('csv-row');
const row = (page, name) => rows(page).filter({ has: page.getByRole('rowheader', { name: new RegExp(name) }) });
const quiet = (complaints, code) => complaints.splice(0, complaints.length, ...complaints.filter(text => !text.includes(`status of ${code}`)));

/** The seeded LoRA, rated by a person. */
async function rated(url, rating) {
  const [model] = await catalogue(url, 'lora-models', '&q=add_detail');
  const answer = await fetch(`${url}/api/v1/lora-models/${model.id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: JSON.stringify({ rating }) });
  expect(answer.ok).toBe(true);
  return { ...model, now: async () => (await fetch(`${url}/api/v1/lora-models/${model.id}`)).json() };
}
async function choose(page, given) {
  await page.getByLabel('CSV or TSV file').setInputFiles(given);
  await page.getByRole('button', { name: 'Preview changes' }).click();
}

test('a table is previewed, decided and imported', { tag: '@every-size' }, async ({ page, baseURL }) => {
  const model = await rated(baseURL, 0.25);
  await page.goto('/models');
  await page.getByRole('button', { name: 'Import folder' }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Import a CSV file' }).click();
  expect(await violations(page)).toEqual([]);
  await choose(page, file(`path;rating;description;trigger_words\r\n${model.path};0,5;From a sheet;\r\nloras/brand_new.safetensors;0,7;;glow\r\nloras/bad.safetensors;much;;\r\n;;;\r\n`));

  await expect(page.getByTestId('csv-new')).toHaveText('1');
  await expect(page.getByTestId('csv-refused-rows')).toContainText('Line 4, rating: is not a number (“much”)');
  await expect(row(page, 'brand_new')).toContainText('New');
  await expect(row(page, 'add_detail')).toContainText('From a sheet');
  await expect(row(page, 'add_detail')).toContainText('Kept');
  const choice = page.getByRole('radiogroup', { name: 'rating: whose values win' });
  await choice.getByRole('radio', { name: 'File' }).click();
  await expect(row(page, 'add_detail')).toContainText('Overwrites yours');
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);

  await page.getByTestId('csv-apply').click();
  await expect(page.getByTestId('csv-done')).toContainText('models_loras.csv is imported');
  await expect(page.getByTestId('csv-overwritten')).toContainText('add_detail: rating was 0.25 and is 0.5 now');
  expect(await violations(page)).toEqual([]);
  const now = await model.now();
  expect([now.rating, now.description]).toEqual([0.5, 'From a sheet']);
  await page.getByRole('link', { name: 'Show LoRAs' }).click();
  await expect(page.getByRole('link', { name: 'brand_new' })).toBeVisible();
});

test('what somebody entered is kept unless they choose otherwise', async ({ page, baseURL }) => {
  const model = await rated(baseURL, 0.25);
  await page.goto('/models/import/csv');
  await choose(page, file(`path,rating,trigger_words\n${model.path},0.5,\n`));
  await expect(row(page, 'add_detail')).toContainText('file: 0.5');
  await page.getByTestId('csv-apply').click();
  await expect(page.getByTestId('csv-kept')).toContainText('add_detail: rating is still 0.25; the file has 0.5');
  expect((await model.now()).rating).toBe(0.25);
});

test('what is no table is refused at the field, and the file stays chosen', async ({ page, complaints }) => {
  await page.goto('/models/import/csv');
  await choose(page, file('PK\u0003\u0004', 'book.xlsx'));
  const field = page.getByLabel('CSV or TSV file');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(/Save its sheet as CSV/);
  await choose(page, file('path,rating\nx.safetensors,0.5\n', 'list.csv'));
  await expect(page.getByLabel('Models in the file')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Models in the file').selectOption('Checkpoints');
  await page.getByRole('button', { name: 'Preview changes' }).click();
  await expect(page.getByTestId('csv-new')).toHaveText('1');
  quiet(complaints, 422);
});

test('long tables have pages that keep the choice', async ({ page, baseURL }) => {
  const model = await rated(baseURL, 0.25);
  const lines = Array.from({ length: 150 }, (_, i) => `long/row_${i}.pt,0.5,x\n`).join('');
  await page.goto('/models/import/csv');
  await choose(page, file(`path,rating,trigger_words\n${model.path},0.5,\n${lines}`));
  await expect(rows(page)).toHaveCount(100);
  await page.getByRole('radiogroup', { name: 'rating: whose values win' }).getByRole('radio', { name: 'File' }).click();
  await expect(row(page, 'add_detail')).toContainText('Overwrites yours');
  await page.getByTestId('csv-next').click();
  await expect(rows(page)).toHaveCount(51);
  await page.getByTestId('csv-prev').click();
  await expect(row(page, 'add_detail')).toContainText('Overwrites yours');
});

test('the export for spreadsheets comes back unchanged', async ({ page }) => {
  await page.goto('/models?type=lora');
  const waiting = page.waitForEvent('download');
  await page.getByTestId('export-spreadsheet').click();
  const download = await waiting, bytes = await readFile(await download.path());
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  await page.goto('/models/import/csv');
  await choose(page, { name: download.suggestedFilename(), mimeType: 'text/csv', buffer: bytes });
  await expect(page.getByTestId('csv-nothing')).toHaveText('Nothing would change.');
  await expect(page.getByTestId('csv-apply')).toHaveCount(0);
});

/** An export as a spreadsheet saves it where decimals stand behind a comma; `edits` are by the models' names. */
function saved(bytes, edits) {
  const cells = line => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
  const written = cell => /[";]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const [head, ...lines] = bytes.toString().replace('\ufeff', '').trimEnd().split('\r\n').map(cells);
  const at = name => head.indexOf(name);
  for (const line of lines) {
    for (const [name, value] of Object.entries(edits[line[at('name')]] ?? {})) line[at(name)] = value;
    line[at('rating')] = line[at('rating')].replace('.', ',');
  }
  return `\ufeff${[head, ...lines].map(line => line.map(written).join(';')).join('\r\n')}\r\n`;
}

test('an export that was edited with semicolons is imported, and the file wins in one column', async ({ page, baseURL }) => {
  const model = await rated(baseURL, 0.25);
  const mine = { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: '{"description": "Mine"}' };
  expect((await fetch(`${baseURL}/api/v1/lora-models/${model.id}`, mine)).ok).toBe(true);
  await page.goto('/models');
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV for Excel' }).click();
  const download = await waiting;
  const edits = { add_detail: { rating: '0.5', description: 'From the sheet' }, cinematic_lighting: { description: 'Warm; and soft' } };
  const text = saved(await readFile(await download.path()), edits);
  expect(text).toContain(';0,5;');

  await page.getByRole('button', { name: 'Import folder' }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Import a CSV file' }).click();
  await choose(page, file(text, download.suggestedFilename()));
  await expect(rows(page)).toHaveCount(2);
  await expect(row(page, 'cinematic_lighting')).toContainText('Warm; and soft');
  await expect(row(page, 'add_detail')).toContainText('file: From the sheet');
  await page.getByRole('radiogroup', { name: 'rating: whose values win' }).getByRole('radio', { name: 'File' }).click();
  await expect(row(page, 'add_detail')).toContainText('Overwrites yours');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByTestId('csv-overwritten')).toContainText('add_detail: rating was 0.25 and is 0.5 now');
  await expect(page.getByTestId('csv-kept')).toContainText('add_detail: description is still Mine; the file has From the sheet');
  const now = await model.now();
  expect([now.rating, now.description]).toEqual([0.5, 'Mine']);
  const [other] = await catalogue(baseURL, 'lora-models', '&q=cinematic_lighting');
  expect(other.description).toBe('Warm; and soft');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a table is previewed, decided and imported', async ({ page, baseURL }) => {
    const model = await rated(baseURL, 0.25);
    await page.goto('/models/import');
    await page.getByRole('link', { name: 'Import a CSV file' }).click();
    await choose(page, file(`path,rating,trigger_words\n${model.path},0.5,\n`));
    await page.getByRole('radiogroup', { name: 'rating: whose values win' }).getByRole('radio', { name: 'File' }).check();
    await page.getByRole('button', { name: 'Update preview' }).click();
    await expect(row(page, 'add_detail')).toContainText('Overwrites yours');
    await page.getByTestId('csv-apply').click();
    await expect(page.getByTestId('csv-done')).toBeVisible();
    expect((await model.now()).rating).toBe(0.5);
  });
});
