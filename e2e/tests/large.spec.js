// Choosing among more than 100,000 LoRAs: everything is asked of the whole catalogue, never of what is on the screen.
import { start } from '../support/server.js';
import { expect, label, test as base } from '../support/test.js';

const test = base.extend({
  large: [async ({}, use) => {
    const server = await start({ seeded: true, rows: 112_000 });
    await use(server.url);
    await server.stop();
  }, { scope: 'worker', timeout: 600_000 }],
  baseURL: async ({ large }, use) => use(large),
});
// In one worker, so that one server is enough.
test.describe.configure({ mode: 'default' });

const names = ui => ui.cards.locator('.name');
const ask = async (url, query) => (await (await fetch(`${url}/api/v1/lora-models?${query}`)).json());

test.beforeEach(async ({ page }) => { await page.goto('/'); });

test('counts all of them and shows the best', async ({ ui, baseURL }) => {
  await ui.pick();
  const best = await ask(baseURL, 'limit=24&total=true');
  expect(best.total).toBeGreaterThan(100_000);
  await expect(names(ui)).toHaveText(best.items.map(label));
  const counted = `24 of ${best.total.toLocaleString('en')} LoRAs`;
  await expect(ui.count).toContainText(counted);
  await ui.cards.nth(1).getByRole('button').click();
  await expect(ui.rows).toHaveCount(1);
  await expect(ui.count).toContainText(counted);
});

test('finds one that is far behind everything shown', async ({ ui, baseURL }) => {
  const [last] = (await ask(baseURL, 'limit=1&sort=name&q=amber&min_rating=0.1')).items;
  await ui.pick();
  await expect(ui.card(label(last))).toHaveCount(0);
  await ui.search.fill(label(last));
  await expect(names(ui).first()).toHaveText(label(last));
});

test('pages lead on and back to the same cards', async ({ page, ui, baseURL }) => {
  const best = (await ask(baseURL, 'limit=96')).items.map(label);
  const shows = at => expect(names(ui)).toHaveText(best.slice(at * 24, at * 24 + 24));
  await ui.pick();
  for (const at of [0, 1, 2]) {
    await shows(at);
    await page.getByTestId('lora-next').click();
  }
  for (const at of [3, 2, 1]) {
    await shows(at);
    await page.getByTestId('lora-prev').click();
  }
  await shows(0);
});

test('what is chosen stays over pages and searches, and leaves from its row', async ({ page, ui, baseURL }) => {
  await ui.pick();
  const first = await names(ui).nth(3).textContent();
  await ui.toggle(first).click();
  await page.getByTestId('lora-next').click();
  await expect(ui.card(first)).toHaveCount(0);
  const second = await names(ui).nth(5).textContent();
  await ui.toggle(second).click();
  await ui.search.fill('dragon');
  await expect(names(ui)).toHaveText((await ask(baseURL, 'limit=24&q=dragon')).items.map(label));
  const third = await names(ui).first().textContent();
  await ui.toggle(third).click();
  const tray = page.getByRole('group', { name: 'Selected LoRAs' });
  for (const name of [first, second, third]) await expect(tray.getByRole('button', { name: `Remove ${name}`, exact: true })).toBeVisible();
  await ui.search.fill('');
  await expect(ui.toggle(first)).toHaveAttribute('aria-pressed', 'true');
  await ui.done();
  await expect(ui.rows).toHaveCount(3);
  await ui.rows.getByRole('button', { name: `Remove ${second}`, exact: true }).click();
  await expect(ui.rows).toHaveCount(2);
});

test('fit is counted and narrows to what fits', async ({ page, ui, baseURL }) => {
  const [checkpoint] = (await (await fetch(`${baseURL}/api/v1/checkpoint-models?limit=1`)).json()).items;
  await ui.pick();
  const fits = await ask(baseURL, `limit=24&total=true&checkpoint_id=${checkpoint.id}&fit=optimal,compatible,partial`);
  await ui.fit('Fits this checkpoint').check();
  // The best fit first, then the rating.
  const graded = [];
  for (const grade of ['optimal', 'compatible', 'partial']) graded.push(...(await ask(baseURL, `limit=24&checkpoint_id=${checkpoint.id}&fit=${grade}`)).items);
  await expect(names(ui)).toHaveText(graded.slice(0, 24).map(label));
  await expect(page.locator('#fit-compatible')).toHaveText(fits.total.toLocaleString('en'));
  await expect(ui.cards.getByTestId('lora-fit-badge').filter({ hasText: 'Incompatible' })).toHaveCount(0);
});

test('tags, base model, rating and order narrow the whole list', async ({ page, ui, baseURL }) => {
  const asked = await ask(baseURL, 'limit=24&total=true&tag=portrait&architecture=pony&min_rating=0.8&sort=name');
  expect(asked.total).toBeGreaterThan(24);
  await page.goto('/?tag=portrait&base=pony&minr=0.8&sort=name');
  await ui.pick();
  await expect(names(ui)).toHaveText(asked.items.map(label));
  await expect(ui.count).toContainText(`of ${asked.total.toLocaleString('en')} LoRAs`);
});

test('another checkpoint is searched for among thousands, and judges what is chosen', async ({ ui, baseURL }) => {
  const [lora] = (await ask(baseURL, 'limit=1&architecture=sd1')).items;
  await ui.pick();
  await ui.search.fill(label(lora));
  await ui.toggle(label(lora)).click();
  await expect(ui.rows).toHaveCount(1);
  await ui.done();
  await expect(ui.rows).toContainText('Incompatible');
  await ui.checkpoint.click();
  await ui.checkpointSearch.fill('realisticVisionV51');
  await ui.option(/realisticVisionV51/).click();
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await expect(ui.rows).not.toContainText('Incompatible');
});
