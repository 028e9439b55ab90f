// A folder of one's own becomes models: the dialog, what appears on open pages, what goes missing and comes back.
import { violations } from '../support/axe.js';
import { Disk } from '../support/disk.js';
import { expect, parts, test as base } from '../support/test.js';

const test = base.extend({
  disk: async ({}, use, { testId }) => {
    const disk = new Disk();
    disk.own = `own_${testId}`.replace(/\W/g, '_');
    await use(disk);
    disk.clear();
  },
});
// Importing changes the catalogue; the seed files' checkpoints are in it.
test.use({ own: { seeded: true, watching: false } });

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4ESUCRAwQCgAkxgTZE5SDrAAAAABJRU5ErkJggg==', 'base64');
const dialog = page => page.getByRole('dialog', { name: 'Import a folder' });
const live = page => page.getByTestId('import-live');
const card = (page, name) => page.getByTestId('model-card').filter({ has: page.getByRole('link', { name, exact: true }) });

async function open(page) {
  await page.getByRole('button', { name: 'Import folder' }).click();
  await expect(dialog(page)).toBeVisible();
}
async function scan(page, folder) {
  await page.getByTestId('import-path').fill(folder);
  await page.getByTestId('import-start').click();
  await expect(page.locator('#scan .scan-what')).toContainText(folder);
  await expect(live(page)).toContainText(/Done: /);
}
async function forget(page, folder) {
  await page.getByLabel(`Remove folder ${folder}`, { exact: true }).click();
  await page.getByRole('button', { name: 'Remove folder' }).filter({ visible: true }).click();
  await expect(page.getByTestId('import-roots').getByText(folder)).toHaveCount(0);
}
async function close(page) {
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(dialog(page)).toBeHidden();
}
/** Through the API, until it is over. */
async function rescan(url) {
  const begun = await fetch(`${url}/api/v1/scans`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  const place = begun.headers.get('location');
  await expect.poll(async () => (await (await fetch(url + place)).json()).state).toBe('done');
}
const quiet = (complaints, code) => complaints.splice(0, complaints.length, ...complaints.filter(text => !text.includes(`status of ${code}`)));

test('a folder is imported, and its models appear on every open page', async ({ page, context, disk, baseURL }) => {
  const [ink, sharp] = [`${disk.own}_ink`, `${disk.own}_sharp`];
  disk.lora(`style/${ink}`, 'sd1', { name: 'v1', baseModel: 'SD 1.5', trainedWords: ['ink wash'] });
  disk.lora(sharp, 'sdxl');
  disk.write(`${sharp}.preview.png`, PNG);
  disk.write('broken.safetensors', 'nothing to see');
  const generate = await context.newPage(), ui = parts(generate);
  await generate.goto(`${baseURL}/`);
  await ui.pick();
  await ui.search.fill(disk.own);
  await expect(generate.getByTestId('no-results')).toBeVisible();

  await page.goto(`/models?q=${disk.own}`);
  await expect(page.getByTestId('no-models')).toBeVisible();
  await open(page);
  await scan(page, disk.folder);
  await expect(live(page)).toContainText('Done: 3 files');
  await expect(page.locator('#scan-new')).toHaveText('2');
  await expect(page.getByRole('log')).toContainText('broken.safetensors');
  await expect(page.getByTestId('import-roots')).toContainText(disk.folder);
  await close(page);
  await expect(page.getByTestId('model-card')).toHaveCount(2);
  await expect.poll(() => card(page, sharp).locator('img').evaluate(picture => picture.naturalWidth)).toBeGreaterThan(0);

  await expect(ui.cards).toHaveCount(2);
  await expect(ui.card(sharp).getByTestId('lora-fit-badge')).toHaveText('Compatible');
  await expect(ui.card(ink).getByTestId('lora-fit-badge')).toHaveText('Incompatible');
  await expect(ui.card(ink)).toContainText('ink wash');
  await expect(ui.search).toHaveValue(disk.own);

  const [{ id }] = (await (await fetch(`${baseURL}/api/v1/lora-models?q=${ink}`)).json()).items;
  await fetch(`${baseURL}/api/v1/lora-models/${id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: '{"rating": 0.5}' });
  await page.reload();
  await expect(page.getByTestId('model-card').locator('.name')).toHaveText([ink, sharp]);
  await page.getByRole('link', { name: ink }).click();
  await expect(page.getByTestId('model-files')).toContainText(`${disk.folder}/style/${ink}.safetensors`);
  await generate.close();
});

test('the button that was pressed stays under the pointer while the dialog grows', { tag: '@every-size' }, async ({ page, disk }) => {
  for (let at = 0; at < 3; at++) disk.lora(`${disk.own}_${at}`, 'sd1');
  disk.write('broken.safetensors', 'nothing to see');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/models');
  await open(page);
  await expect(page.getByTestId('import-places')).toBeAttached();
  await page.getByTestId('import-path').fill(disk.folder);
  const { x, y, width, height } = await page.getByTestId('import-start').boundingBox();
  const before = (await dialog(page).boundingBox()).height;
  await page.mouse.click(x + width / 2, y + height / 2);
  await expect(live(page)).toContainText(/Done: /);
  await expect(page.getByTestId('import-roots')).toContainText(disk.folder);
  expect((await dialog(page).boundingBox()).height).toBeGreaterThan(before);
  const under = await page.evaluate(([x, y]) => document.elementFromPoint(x, y).closest('button')?.dataset.testid, [x + width / 2, y + height / 2]);
  expect(under).toBe('import-start');
});

test('a list that was passed over while its filters were counted is asked for again', async ({ page, context, disk, baseURL }) => {
  const name = `${disk.own}_late`;
  let release;
  const held = new Promise(done => { release = done; });
  await page.route('**/models/facets?*', async route => { await held; await route.continue(); });
  await page.goto(`/models?q=${disk.own}`);
  const other = await context.newPage();
  await other.goto(`${baseURL}/models?q=${disk.own}`);
  const body = JSON.stringify({ path: `${name}.safetensors` });
  await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  await expect(card(other, name)).toBeVisible();
  release();
  await expect(card(page, name)).toBeVisible();
  await other.close();
});

test('a scan is cancelled, and what was read is kept', async ({ page, disk, baseURL }) => {
  for (let at = 0; at < 3000; at++) disk.lora(`many/${disk.own}_${at}`, 'sd1');
  await page.goto('/models');
  await open(page);
  await page.getByTestId('import-path').fill(disk.folder);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('progressbar', { name: 'Files scanned' })).toBeVisible();
  await expect(page.locator('#scan-line')).toHaveText(/[1-9][\d,]* files/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(live(page)).toContainText(/Stopped after [\d,]+ files/);
  await expect(page.getByRole('progressbar', { name: 'Files scanned' })).toHaveCount(0);
  const { total } = await (await fetch(`${baseURL}/api/v1/lora-models?q=${disk.own}&total=true&limit=1`)).json();
  expect(total).toBeLessThan(3000);
  await forget(page, disk.folder);
});

test('a folder is scanned no more only after a question, and its models stay as missing', { tag: '@every-size' }, async ({ page, disk }) => {
  disk.lora(`${disk.own}_stays`, 'sd1');
  await page.goto(`/models?q=${disk.own}`);
  await open(page);
  await scan(page, disk.folder);
  const ask = page.getByLabel(`Remove folder ${disk.folder}`, { exact: true });
  await ask.focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('form', { name: `Remove folder ${disk.folder}?` });
  await expect(question).toContainText('No files are deleted');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(ask).toBeFocused();
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press('Enter');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await expect(ask).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(question.getByRole('button', { name: 'Remove folder' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('import-roots').getByText(disk.folder)).toHaveCount(0);
  await close(page);
  await expect(card(page, `${disk.own}_stays`).getByTestId('missing')).toBeVisible();
});

test.describe('where nothing is read for its hash', () => {
  test.use({ own: { seeded: false, watching: false, hashing: false } });

  test('files are read whole for their hashes as the page tells, later if one wants, and what is beside them is judged', { tag: '@every-size' }, async ({ page, disk, server }, { project }) => {
    disk.lora(`${disk.own}_stale`, 'sd1', { name: 'v1', trainedWords: ['of another'], files: [{ hashes: { SHA256: 'AB'.repeat(32) } }] });
    await page.goto('/models/import');
    await scan(page, disk.folder);
    const line = page.getByTestId('hashing');
    await expect(line).toContainText(/Hashing: 1 file \(1\d kB\) left/);
    await line.getByRole('button', { name: 'Pause hashing' }).click();
    await expect(line).toContainText('paused');
    await sound(page, project);
    await line.getByRole('button', { name: 'Resume hashing' }).click();
    await expect(line.getByRole('button', { name: 'Pause hashing' })).toBeVisible();
    await page.goto(`/models?q=${disk.own}`);
    await expect(card(page, `${disk.own}_stale`)).toContainText('of another');
    server.run('models', 'scan', '--hash');
    await expect(card(page, `${disk.own}_stale`)).not.toContainText('of another');
    await page.getByRole('link', { name: `${disk.own}_stale` }).click();
    await expect(page.getByTestId('model-detail')).toContainText(`${disk.own}_stale.civitai.info describes another file`);
    await page.goto('/models/import');
    await expect(page.getByTestId('import-roots')).toContainText(disk.folder);
    await expect(line).toHaveCount(0);
  });
});

test('a file that goes is missing on the open page, hidden from the picker, and comes back', async ({ page, disk, baseURL }) => {
  const name = `${disk.own}_comes_and_goes`;
  disk.lora(name, 'sdxl');
  disk.lora(`${disk.own}_stays`, 'sdxl');
  await page.goto(`/models?q=${disk.own}`);
  await open(page);
  await scan(page, disk.folder);
  await close(page);
  await expect(card(page, name)).toBeVisible();
  await card(page, `${disk.own}_stays`).hover();
  await page.getByRole('checkbox', { name: `Select ${disk.own}_stays` }).check();
  await page.getByRole('searchbox', { name: 'Search models' }).focus();
  disk.remove(`${name}.safetensors`);
  await rescan(baseURL);
  await expect(card(page, name).getByTestId('missing')).toHaveText('Missing');
  await expect(card(page, `${disk.own}_stays`).getByTestId('missing')).toHaveCount(0);
  await expect(page.getByRole('checkbox', { name: `Select ${disk.own}_stays` })).toBeChecked();
  await expect(page.getByRole('searchbox', { name: 'Search models' })).toBeFocused();

  const [{ id }] = (await (await fetch(`${baseURL}/api/v1/lora-models?q=${name}&missing=true`)).json()).items;
  await page.goto(`/?lora=${id}`);
  const ui = parts(page);
  await expect(ui.rows).toContainText('File not found at the last scan');
  await ui.pick();
  await ui.search.fill(disk.own);
  await expect(ui.cards.locator('.name')).toHaveText([`${disk.own}_stays`]);

  await page.goto(`/models?q=${disk.own}&state=missing`);
  await expect(page.getByTestId('model-card')).toHaveCount(1);
  disk.lora(name, 'sdxl');
  await rescan(baseURL);
  await expect(page.getByTestId('no-models')).toBeVisible();
  await page.getByRole('link', { name: 'Remove filter File missing' }).click();
  await expect(page.getByTestId('model-card')).toHaveCount(2);
});

test('what another client changes appears on open pages with its counts and choices, and takes nothing away', { tag: '@every-size' }, async ({ page, context, disk, baseURL }) => {
  const [first, second, tag] = [`${disk.own}_first`, `${disk.own}_second`, `${disk.own}_tag`];
  const send = (method, path, body) => fetch(`${baseURL}/api/v1/lora-models${path}`, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const { id } = await (await send('POST', '', { path: `${first}.safetensors`, tags: [`${tag}_old`] })).json();
  const generate = await context.newPage(), ui = parts(generate);
  await generate.goto(`${baseURL}/`);
  await ui.pick();
  await ui.search.fill(disk.own);
  await expect(ui.cards).toHaveCount(1);
  // Where there is no room beside the cards, the choices are behind a button.
  if (page.viewportSize().width < 1180) await generate.getByRole('button', { name: 'Filters' }).click();
  const choices = generate.locator('#picker-choices');
  await choices.getByRole('checkbox', { name: `${tag}_old` }).check();

  await page.goto(`/models?q=${disk.own}`);
  const tab = page.getByRole('link', { name: /^LoRAs/ }), number = async () => Number((await tab.locator('.n').textContent()).replace(',', ''));
  await expect.poll(number).toBeGreaterThan(0);
  const before = await number();
  await card(page, first).hover();
  await page.getByRole('checkbox', { name: `Select ${first}` }).check();
  await page.getByRole('textbox', { name: 'Add tags' }).fill('half typ');

  await send('POST', '', { path: `${second}.safetensors`, tags: [`${tag}_new`] });
  await fetch(`${baseURL}/api/v1/lora-models/${id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: JSON.stringify({ name: `${first}_renamed`, tags: [`${tag}_old`, `${tag}_new`] }) });
  await expect(card(page, second)).toBeVisible();
  await expect(card(page, `${first}_renamed`)).toBeVisible();
  await expect.poll(number).toBe(before + 1);
  await expect(page.locator('#facet-choices').getByText(`${tag}_new`)).toBeAttached();
  await expect(page.getByRole('checkbox', { name: `Select ${first}_renamed` })).toBeChecked();
  await expect(page.getByRole('textbox', { name: 'Add tags' })).toHaveValue('half typ');
  await expect(page.getByRole('textbox', { name: 'Add tags' })).toBeFocused();

  await expect(ui.card(`${first}_renamed`)).toBeVisible();
  await expect(choices.getByRole('checkbox', { name: `${tag}_new` })).toBeVisible();
  await expect(choices.getByRole('checkbox', { name: `${tag}_old` })).toBeChecked();
  await expect(ui.search).toHaveValue(disk.own);
  await generate.close();
});

test.describe('where folders are watched', () => {
  test.use({ own: { seeded: false } });

  test('while the server runs it watches: files that come and go are told of by themselves', async ({ page, disk }) => {
    disk.lora(`${disk.own}_first`, 'sd1');
    await page.goto('/models');
    await open(page);
    await scan(page, disk.folder);
    await close(page);
    await expect(card(page, `${disk.own}_first`)).toBeVisible();
    disk.lora(`${disk.own}_second`, 'sd1');
    await expect(card(page, `${disk.own}_second`)).toBeVisible();
    disk.remove(`${disk.own}_first.safetensors`);
    await expect(card(page, `${disk.own}_first`).getByTestId('missing')).toBeVisible();
  });
});

test('what cannot be imported is told at the field', { tag: '@every-size' }, async ({ page, complaints }) => {
  await page.goto('/models');
  await open(page);
  await expect(page.getByTestId('import-path')).toBeFocused();
  await page.getByTestId('import-path').fill('/no/such folder');
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-problem')).toContainText('/no/such folder');
  await expect(page.getByTestId('import-path')).toHaveValue('/no/such folder');
  quiet(complaints, 422);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Import folder' })).toBeFocused();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a page of its own imports, tells how far it is, and forgets a folder', async ({ page, disk, complaints }) => {
    disk.lora(`${disk.own}_plain`, 'sd1');
    await page.goto('/models');
    await page.getByRole('button', { name: 'Import folder' }).click();
    await page.getByTestId('import-path').fill('/no/such folder');
    await page.getByTestId('import-start').click();
    await expect(page.getByTestId('import-problem')).toContainText('/no/such folder');
    await page.getByTestId('import-path').fill(disk.folder);
    await page.getByTestId('import-start').click();
    await expect(live(page)).toContainText('Done: 1 file');
    await page.getByRole('link', { name: 'All models' }).click();
    await page.getByRole('searchbox', { name: 'Search models' }).fill(disk.own);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(card(page, `${disk.own}_plain`)).toBeVisible();
    await page.getByRole('button', { name: 'Import folder' }).click();
    await forget(page, disk.folder);
    quiet(complaints, 422);
  });
});

test('every state is accessible and no wider than the screen', { tag: '@every-size' }, async ({ page, disk, baseURL }, { project }) => {
  const name = `${disk.own}_seen`;
  disk.lora(name, 'sdxl', { name: 'v1', baseModel: 'SD 1.5', trainedWords: ['seen'], tags: ['odd'] });
  disk.write(`a folder with a long name that goes on and on/${'long'.repeat(40)}.safetensors`, 'nothing');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`/models?q=${disk.own}`);
  await open(page);
  await sound(page, project);
  await scan(page, disk.folder);
  await expect(page.getByTestId('import-log')).toBeVisible();
  await sound(page, project);
  await close(page);
  disk.remove(`${name}.safetensors`);
  await rescan(baseURL);
  await expect(card(page, name).getByTestId('missing')).toBeVisible();
  await sound(page, project);
  await page.getByRole('link', { name }).click();
  await expect(page.getByTestId('model-files')).toBeVisible();
  await sound(page, project);
  const [{ id }] = (await (await fetch(`${baseURL}/api/v1/lora-models?q=${name}`)).json()).items;
  await page.goto(`/?lora=${id}`);
  await expect(parts(page).rows).toHaveCount(1);
  await sound(page, project);
  await page.goto('/models/import');
  await sound(page, project);
});

async function sound(page, project) {
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  const least = project.use.hasTouch ? 41.5 : 24;
  const small = await page.evaluate(least => [...(document.querySelector('dialog[open]') ?? document).querySelectorAll('button, a[href], .input, textarea, .seg label, .check, .pick')]
    .filter(control => control.checkVisibility() && !control.matches('.skip, .card .hit, .frame, .engine button'))
    .filter(control => control.getBoundingClientRect().height < least)
    .map(control => control.outerHTML.slice(0, 90)), least);
  expect(small).toEqual([]);
}

test('what cannot be shown leaves its place to the motif, and what programs know of a model is in its detail', async ({ page, disk, complaints }) => {
  const [damaged, film] = [`${disk.own}_damaged`, `${disk.own}_film`];
  disk.lora(damaged, 'sdxl');
  const png = Buffer.from(PNG);
  png.fill(0, png.indexOf('IDAT') + 4, png.indexOf('IDAT') + 12);
  disk.write(`${damaged}.png`, png);
  disk.write(`${damaged}.metadata.json`, JSON.stringify({ file_name: damaged, notes: 'works best\nat night', favorite: true, civitai: { id: 34, modelId: 12 } }));
  disk.write(`${damaged}.json`, '{"notes": "cut o');
  disk.lora(film, 'sd1');
  disk.write(`${film}.mp4`, Buffer.from('000000186674797069736f6d0000000069736f6d69736f32', 'hex'));
  await page.goto('/models');
  await open(page);
  await scan(page, disk.folder);
  await close(page);
  await page.goto(`/models?q=${disk.own}`);
  for (const name of [damaged, film]) {
    await expect(card(page, name).locator('.art').first()).toBeVisible();
    await expect(card(page, name).locator('img')).toHaveCount(0);
  }
  quiet(complaints, 404);
  await card(page, damaged).getByRole('link', { name: damaged, exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue(/works best/);
  await expect(page.getByRole('link', { name: 'Model 12, version 34' })).toHaveAttribute('href', 'https://civitai.com/models/12?modelVersionId=34');
  await expect(page.getByTestId('model-warning')).toContainText(`${damaged}.json could not be read: it is cut off in line 1.`);
  quiet(complaints, 404);
});
