// Stars come back: as counts on the models, as their order, and as settings that are offered.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, label, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const api = async (path, method = 'GET', body) => {
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  expect(answer.ok, `${method} ${path}`).toBe(true);
  return answer.json();
};

/** Pictures of a recipe, one for each of the stars. */
const rate = async (recipe, stars) => {
  const job = await api('/jobs', 'POST', { width: 64, height: 64, steps: 4, ...recipe, images: stars.length });
  await expect.poll(async () => (await api(`/jobs/${job.id}`)).state).toBe('done');
  const { results } = await api(`/jobs/${job.id}`);
  for (const [at, image] of results.entries()) await api(`/images/${image.id}`, 'PATCH', { rating: stars[at] });
};

const models = async (kind, query = '') => (await api(`/${kind}-models?limit=50${query}`)).items;
const LORA = 'add_detail', CHECKPOINT = 'realisticVisionV51';
const id = async (kind, name) => (await models(kind)).find(model => label(model) === name).id;

test('a star on the stage is counted on the model, and moves it in the order', { tag: '@every-size' }, async ({ page, ui }) => {
  const [best, second] = await models('checkpoint');
  await page.goto(`${server.url}/?checkpoint=${second.id}`);
  await expect(ui.checkpoint).toContainText(label(second));
  await expect(ui.checkpoint.getByTestId('stars')).toHaveCount(0);
  await ui.prompt.fill('copper dunes');
  await ui.images.fill('1');
  await page.getByTestId('steps-input').fill('4');
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(1);
  await page.getByRole('button', { name: '5 stars' }).click();
  await expect(page.getByRole('button', { name: '5 stars' })).toHaveAttribute('aria-pressed', 'true');
  await expect(ui.checkpoint.getByTestId('stars')).toHaveText('★ 5.0 (1 image)');
  await page.reload();
  await expect(ui.checkpoint.getByTestId('stars')).toHaveText('★ 5.0 (1 image)');
  await rate({ checkpoint: best.id }, [1, 1, 1, 2]);

  await page.goto(`${server.url}/models?type=checkpoint`);
  const names = page.getByTestId('model-card').locator('.name');
  await expect(names.first()).toHaveText(label(best));
  await page.getByTestId('model-sort').selectOption({ label: 'Best for you' });
  await expect(names.first()).toHaveText(label(second));
  await expect(page).toHaveURL(/sort=best/);
  await expect(page.getByTestId('model-card').filter({ hasText: label(best) }).getByTestId('stars')).toHaveText('★ 1.3 (4 images)');
  await page.getByTestId('model-sort').selectOption({ label: 'Most used' });
  await expect(names.first()).toHaveText(label(best));
  await names.first().click();
  await expect(page.getByTestId('model-detail')).toContainText('★ 1.3 (4 images)');
  await expect(page.getByTestId('model-detail')).toContainText(`from your stars and the rating ★ ${(1 + 4 * best.rating).toFixed(1)}`);
  expect(await violations(page)).toEqual([]);
});

test('checkpoints are offered in the order that is chosen', { tag: '@every-size' }, async ({ page, ui }) => {
  const expected = (await models('checkpoint', '&sort=best')).map(label);
  expect(expected).not.toEqual((await models('checkpoint')).map(label));
  await page.goto(server.url);
  await ui.checkpoint.click();
  await page.getByTestId('checkpoint-sort').selectOption({ label: 'Best for you' });
  await expect(ui.options.locator('.name')).toHaveText(expected);
  await expect(ui.options.getByTestId('stars').first()).toHaveText('★ 5.0 (1 image)');
  expect(await violations(page)).toEqual([]);
  await ui.checkpointSearch.fill('v');
  await expect(ui.options.first()).toBeVisible();
  await ui.checkpointSearch.fill('');
  await expect(ui.options.locator('.name')).toHaveText(expected);
  await page.keyboard.press('Enter');
  await expect(ui.checkpoint).toBeVisible();
  await expect(page).toHaveURL(/checkpoint_sort=best/);
});

test('LoRAs are offered by their stars, and their cards say so', { tag: '@every-size' }, async ({ page, ui }) => {
  await rate({ checkpoint: CHECKPOINT, loras: [{ model: LORA, weight: 0.5 }], sampler: 'euler' }, [1, 2, 1]);
  const expected = (await models('lora', '&sort=best')).map(label);
  await page.goto(server.url);
  await ui.pick();
  await page.getByTestId('lora-sort').selectOption({ label: 'Best for you' });
  await expect(ui.cards.locator('.name')).toHaveText(expected);
  await expect(ui.card(LORA).getByTestId('stars')).toHaveText('★ 1.3 (3 images)');
  expect(await violations(page)).toEqual([]);
});

test('the weight and the settings that are rated highest are offered, and one button sets them', { tag: '@every-size' }, async ({ page, ui }) => {
  const [checkpoint, lora] = [await id('checkpoint', CHECKPOINT), await id('lora', LORA)];
  const recipe = `${server.url}/?checkpoint=${checkpoint}&lora=${lora}`;
  await page.goto(recipe);
  await expect(ui.rows).toHaveCount(1);
  await expect(page.getByTestId('highest-weight')).toHaveCount(0);
  // It appears as soon as there are stars enough.
  await rate({ checkpoint: CHECKPOINT, loras: [{ model: LORA, weight: 0.9 }], sampler: 'dpmpp_sde' }, [5, 5, 4]);
  const offer = page.getByTestId('highest-weight');
  await expect(offer).toContainText('Your best weight here: 0.85–0.94 (★ 4.7, 3 images)');
  const settings = page.getByTestId('highest-settings');
  await expect(settings).toContainText('Your best-rated: DPM++ SDE (★ 4.7, 3 images)');
  expect(await violations(page)).toEqual([]);
  await offer.getByRole('button', { name: `Use 0.9 for ${LORA}` }).click();
  await expect(ui.weight(LORA)).toHaveValue('0.90');
  await expect(offer.getByRole('button')).toHaveCount(0);
  await settings.getByRole('button', { name: 'Use DPM++ SDE' }).click();
  await expect(page.getByTestId('sampler')).toHaveValue('dpmpp_sde');
  await expect(settings.getByRole('button', { name: 'Use DPM++ SDE' })).toHaveCount(0);
  // With another checkpoint there is nothing to say.
  await ui.checkpoint.click();
  await ui.options.filter({ hasNotText: CHECKPOINT }).first().click();
  await expect(ui.checkpoint).not.toContainText(CHECKPOINT);
  await expect(offer).toHaveCount(0);
});

test('the open page of a model follows new stars, and leaves what is being typed', async ({ page }) => {
  await page.goto(`${server.url}/models/checkpoint/${await id('checkpoint', 'dreamshaper_8')}`);
  const detail = page.getByTestId('model-detail'), vae = page.getByLabel(/^VAE/);
  await expect(detail).not.toContainText('1 image');
  await vae.fill('half typ');
  await rate({ checkpoint: 'dreamshaper_8' }, [4]);
  await expect(detail).toContainText('★ 4.0 (1 image)');
  await expect(page.getByTestId('model-taught')).toContainText('4 steps');
  await expect(vae).toHaveValue('half typ');
  await expect(vae).toBeFocused();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('orders and offers work as forms', async ({ page, ui }) => {
    const [checkpoint, lora] = [await id('checkpoint', CHECKPOINT), await id('lora', LORA)];
    await page.goto(`${server.url}/?checkpoint=${checkpoint}&lora=${lora}`);
    await page.getByRole('button', { name: `Use 0.9 for ${LORA}` }).click();
    await expect(ui.weight(LORA)).toHaveValue('0.90');
    await ui.checkpoint.click();
    await page.getByTestId('checkpoint-sort').selectOption({ label: 'Best for you' });
    await page.getByRole('button', { name: 'Sort', exact: true }).click();
    await ui.checkpoint.click();
    await expect(ui.options.locator('.name')).toHaveText((await models('checkpoint', '&sort=best')).map(label));
    await expect(ui.weight(LORA)).toHaveValue('0.90');
  });
});
