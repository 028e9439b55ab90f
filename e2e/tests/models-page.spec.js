// The Models page: look through the catalogue, edit a model, change several, take them along.
import { violations } from '../support/axe.js';
import { catalogue, expect, label, test } from '../support/test.js';

const cards = page => page.getByTestId('model-card');
const names = page => cards(page).locator('.name');
const detail = page => page.getByRole('dialog');

/** One more model, in a catalogue of the test's own. */
async function make(baseURL, fields = {}) {
  const model = { path: 'loras/made_here.safetensors', rating: 0.0001, compatible_architectures: ['sd1'], ...fields };
  const answer = await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(model) });
  expect(answer.status).toBe(201);
  return answer.json();
}
const read = async (baseURL, id) => (await fetch(`${baseURL}/api/v1/lora-models/${id}`)).json();

test('shows what the catalogue has, by kind', async ({ page, baseURL }) => {
  const models = await catalogue(baseURL, 'checkpoint-models');
  await page.goto('/models');
  await page.getByRole('navigation', { name: 'Model types' }).getByRole('link', { name: /Checkpoints/ }).click();
  await expect(names(page)).toHaveText(models.map(label).slice(0, 48));
  await expect(page.getByTestId('model-count')).toContainText(`${models.length} checkpoints`);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Models' })).toHaveAttribute('aria-current', 'page');
});

test('filters push the address, typing replaces it, back brings the list back', async ({ page }) => {
  await page.goto('/models');
  const q = page.getByRole('searchbox', { name: 'Search models' });
  await page.keyboard.press('/');
  await expect(q).toBeFocused();
  await q.fill('detail');
  await expect(names(page).first()).toHaveText('add_detail');
  await expect(page.getByRole('link', { name: 'cinematic_lighting' })).toHaveCount(0);
  await expect(page).toHaveURL(/q=detail/);
  await page.getByTestId('model-sort').selectOption('name');
  await expect(page).toHaveURL(/sort=name/);
  await page.goBack();
  await expect(page).not.toHaveURL(/sort=name/);
  await expect(page).toHaveURL(/q=detail/);
});

test('facets come with counts, narrow the list, and are taken off again', { tag: '@every-size' }, async ({ page }, { project }) => {
  await page.goto('/models');
  if (project.use.hasTouch) await page.getByRole('button', { name: 'Filters', exact: true }).click();
  const filters = page.getByRole('form', { name: 'Filters' });
  await filters.getByRole('checkbox', { name: /^anime/ }).check();
  await expect(names(page)).toHaveText(['anime_style']);
  await expect(page).toHaveURL(/tag=anime/);
  await expect(filters.getByRole('checkbox', { name: /^anime/ })).toBeChecked();
  if (project.use.hasTouch) await page.getByRole('button', { name: 'Close filters' }).click();
  await page.getByRole('link', { name: 'Remove filter anime' }).click();
  await expect(names(page)).toHaveCount(48);
  await page.getByTestId('view-list').click();
  await expect(page).toHaveURL(/view=list/);
  await expect(page.locator('#cards')).toHaveAttribute('data-view', 'list');
});

test.describe('in a catalogue of their own', () => {
  test.use({ own: { seeded: true } });

  test('a model opens beside the list and saves its fields as they change', async ({ page, baseURL }) => {
    const model = await make(baseURL, { tags: ['first'] });
    await page.goto(`/models?q=${model.name}`);
    await page.getByRole('link', { name: model.name }).click();
    const panel = detail(page);
    await expect(panel.getByRole('heading', { name: model.name })).toBeFocused();
    await panel.getByRole('slider', { name: 'Rating' }).fill('4');
    await expect(panel.getByText('Saved')).toBeVisible();
    await expect(cards(page).getByTestId('rating')).toContainText('4.0');
    await panel.getByRole('textbox', { name: 'Add a tag' }).fill('second, third');
    await panel.getByRole('textbox', { name: 'Add a tag' }).press('Enter');
    await expect(panel.getByRole('checkbox', { name: 'third' })).toBeAttached();
    await expect(panel.getByRole('textbox', { name: 'Add a tag' })).toBeFocused();
    await panel.getByRole('checkbox', { name: 'first' }).click();
    await expect(panel.getByRole('checkbox', { name: 'first' })).toHaveCount(0);
    await panel.getByRole('textbox', { name: 'Description' }).fill('Typed here');
    await expect.poll(async () => (await read(baseURL, model.id)).description).toBe('Typed here');
    await panel.getByRole('button', { name: 'Clear the rating' }).click();
    await expect(cards(page).getByTestId('rating')).toHaveText('Unrated');
    const now = await read(baseURL, model.id);
    expect([now.rating ?? null, now.tags]).toEqual([null, ['second', 'third']]);
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(page.getByRole('link', { name: model.name })).toBeFocused();
  });

  test('what cannot be saved is said at the field', async ({ page, baseURL, complaints }) => {
    const model = await make(baseURL);
    await page.goto(`/models/lora/${model.id}`);
    await page.getByRole('spinbutton', { name: 'Rating, exact' }).fill('7');
    await page.getByRole('spinbutton', { name: 'Rating, exact' }).blur();
    await expect(page.getByRole('alert')).toContainText('Rating: must be a number from 1 to 5');
    expect((await read(baseURL, model.id)).rating).toBe(0.0001);
    complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 422/.test(text)));
  });

  test('a field that was changed goes back to its source', async ({ page, baseURL }) => {
    const [{ id }] = await catalogue(baseURL, 'lora-models', '&q=watercolor_effect');
    await page.goto(`/models/lora/${id}`);
    await expect(page.getByTestId('origin-description')).toHaveText('from models_loras.csv');
    await page.getByRole('textbox', { name: 'Description' }).fill('Mine');
    await expect(page.getByTestId('origin-description')).toHaveText('edited by you');
    await page.getByTestId('back-description').click();
    await expect(page.getByTestId('origin-description')).toHaveText('from models_loras.csv');
    await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Watercolour painting effect');
  });

  test('several are changed at once', async ({ page, baseURL }) => {
    const model = await make(baseURL, { tags: ['bulk'] });
    await page.goto(`/models?q=${model.name}`);
    await cards(page).hover();
    await page.getByRole('checkbox', { name: `Select ${model.name}` }).check();
    const bulk = page.getByRole('form', { name: 'Bulk edit' });
    await bulk.getByRole('textbox', { name: 'Add tags' }).fill('added');
    await bulk.getByRole('spinbutton', { name: 'Set rating' }).fill('1.008');
    await bulk.getByRole('button', { name: 'Apply' }).click();
    await expect(bulk.getByRole('status')).toHaveText('1 of 1 updated');
    await expect(page.getByRole('checkbox', { name: `Select ${model.name}` })).toBeChecked();
    const now = await read(baseURL, model.id);
    expect([now.rating, now.tags]).toEqual([0.002, ['bulk', 'added']]);
  });
});

test('the shown rows are a file', async ({ page }) => {
  await page.goto('/models?tag=manga');
  const waiting = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  const file = await waiting;
  expect(file.suggestedFilename()).toBe('models_loras.csv');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false, own: { seeded: true } });

  test('search, open, save', async ({ page, baseURL }) => {
    const model = await make(baseURL);
    await page.goto('/models');
    await page.getByRole('searchbox', { name: 'Search models' }).fill(model.name);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByRole('link', { name: model.name }).click();
    await page.getByRole('spinbutton', { name: 'Rating, exact' }).fill('1.012');
    await page.getByRole('textbox', { name: 'Add a tag' }).fill('plain');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    const now = await read(baseURL, model.id);
    expect([now.rating, now.tags]).toEqual([0.003, ['plain']]);
  });

  test('all filters have a page', async ({ page }) => {
    await page.goto('/models');
    await page.getByRole('link', { name: 'Show all filters with counts' }).click();
    await page.getByRole('checkbox', { name: /^anime/ }).check();
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(names(page)).toHaveText(['anime_style']);
  });
});

const STATES = {
  grid: ['/models', async page => { await expect(page.getByTestId('model-count')).toContainText('of '); }],
  list: ['/models?view=list&type=checkpoint', async page => { await expect(cards(page).first()).toBeVisible(); }],
  panel: ['/models', async page => { await page.getByRole('link', { name: 'add_detail' }).click(); await expect(detail(page)).toBeVisible(); }],
  nothing: ['/models?q=nothing+at+all', async page => { await expect(page.getByTestId('no-models')).toBeVisible(); }],
  selected: ['/models', async page => { await cards(page).first().hover(); await page.getByRole('checkbox', { name: 'Select add_detail' }).check(); await expect(page.getByRole('form', { name: 'Bulk edit' })).toBeVisible(); }],
};
for (const [name, [url, reach]] of Object.entries(STATES)) {
  test(`${name}: accessible and no wider than the screen`, { tag: '@every-size' }, async ({ page }, { project }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(url);
    await reach(page);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    const least = project.use.hasTouch ? 41.5 : 24;
    const small = await page.evaluate(least => [...document.querySelectorAll('button, a[href], .input, textarea, .seg label, .check, .pick')]
      .filter(control => control.checkVisibility() && !control.matches('.skip, .card .hit'))
      .filter(control => control.getBoundingClientRect().height < least)
      .map(control => control.outerHTML.slice(0, 90)), least);
    expect(small).toEqual([]);
  });
}
