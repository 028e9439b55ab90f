// Looking at images: over the whole page, one after the other, closely, and two beside each other.
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const viewer = page => page.getByTestId('viewer');
const image = page => page.getByTestId('viewer-image');
const stars = (page, count) => viewer(page).getByRole('button', { name: count === 1 ? '1 star' : `${count} stars` });
const make = async (page, ui, prompt, images) => {
  await page.goto(server.url);
  await ui.prompt.fill(prompt);
  await ui.images.fill(String(images));
  await page.getByTestId('seed-input').fill('7');
  const before = await ui.shots.count();
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(before + images);
};
/** On a phone from the history, elsewhere from the stage. */
const open = async (page, ui) => {
  const isPhone = page.viewportSize().width < 720;
  await (isPhone ? ui.shots.first() : page.getByRole('link', { name: 'Open full size' })).click();
  await expect(image(page)).toBeVisible();
};

test('arrow keys lead through the images, digits rate them, and the stage follows', { tag: '@every-size' }, async ({ page, ui }) => {
  await make(page, ui, 'copper dunes', 3);
  await open(page, ui);
  expect(await violations(page)).toEqual([]);
  const first = await image(page).getAttribute('src');
  await expect(viewer(page).getByRole('button', { name: 'Newer image' })).toBeHidden();
  await page.keyboard.press('ArrowRight');
  await expect(image(page)).not.toHaveAttribute('src', first);
  const second = await image(page).getAttribute('src');
  await page.keyboard.press('4');
  await expect(stars(page, 4)).toHaveAttribute('aria-pressed', 'true');
  await stars(page, 5).click();
  await expect(stars(page, 5)).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(image(page)).toHaveAttribute('src', first);
  await page.keyboard.press('ArrowRight');
  await expect(image(page)).toHaveAttribute('src', second);
  await page.keyboard.press('Escape');
  await expect(viewer(page)).toBeHidden();
  await expect(ui.stage.locator('img.shown')).toHaveAttribute('src', second);
  await expect(ui.shots.nth(1)).toHaveAccessibleName(/, 5 stars$/);
});

test('keys, wheel and double click enlarge, 0 fits again', async ({ page, ui }) => {
  await page.goto(server.url);
  await open(page, ui);
  const width = async () => (await image(page).boundingBox()).width;
  const whole = await width();
  await page.keyboard.press('+');
  expect(await width()).toBeGreaterThan(whole * 1.4);
  await page.keyboard.press('-');
  expect(await width()).toBeCloseTo(whole, 0);
  await image(page).dblclick();
  expect(await width()).toBeGreaterThan(whole * 2);
  await page.keyboard.press('0');
  expect(await width()).toBeCloseTo(whole, 0);
  await image(page).hover();
  await page.mouse.wheel(0, -400);
  await expect.poll(width).toBeGreaterThan(whole * 1.5);
  // The next image is seen whole again.
  await page.keyboard.press('ArrowRight');
  await expect.poll(width).toBeCloseTo(whole, 0);
});

test('two images stand side by side with the settings that differ', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await open(page, ui);
  await page.getByTestId('viewer-compare').click();
  await expect(viewer(page).getByRole('img')).toHaveCount(2);
  const rows = page.getByTestId('viewer-differences').getByRole('rowheader');
  await expect(rows).toHaveText(['Seed']);
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('viewer-single').click();
  await expect(viewer(page).getByRole('img')).toHaveCount(1);
});

test('a deleted image leaves its place to the next, and Undo brings it back', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  const count = await ui.shots.count();
  await open(page, ui);
  const src = await image(page).getAttribute('src');
  await page.getByTestId('viewer-delete').click();
  await expect(image(page)).not.toHaveAttribute('src', src);
  await viewer(page).getByRole('button', { name: 'Undo' }).click();
  await expect(image(page)).toHaveAttribute('src', src);
  await page.getByTestId('viewer-close').click();
  await expect(viewer(page)).toBeHidden();
  await expect(ui.shots).toHaveCount(count);
});

test('a phone opens an image in view, a swipe leads on, and Back closes it', async ({ page, ui }) => {
  test.skip(page.viewportSize().width >= 720, 'a phone');
  await page.goto(server.url);
  await ui.shots.first().click();
  await expect(image(page)).toBeInViewport();
  const first = await image(page).getAttribute('src');
  const box = await image(page).boundingBox(), y = box.y + box.height / 2;
  const touch = (type, x) => image(page).dispatchEvent(type, { pointerId: 7, pointerType: 'touch', isPrimary: true, bubbles: true, clientX: x, clientY: y });
  await touch('pointerdown', 300);
  await touch('pointermove', 180);
  await touch('pointerup', 120);
  await expect(image(page)).not.toHaveAttribute('src', first);
  await page.goBack();
  await expect(viewer(page)).toBeHidden();
});

test('nothing on the page moves when an image is done', async ({ page, ui }) => {
  await page.goto(server.url);
  await page.evaluate(() => {
    window.shifted = 0;
    new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value; }).observe({ type: 'layout-shift', buffered: false });
  });
  const before = await ui.shots.count();
  await ui.images.fill('2');
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(before + 2);
  await expect(page.getByTestId('engine-status')).toContainText('Ready');
  expect(await page.evaluate(() => window.shifted)).toBeLessThan(0.05);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
  if (page.viewportSize().width > 1180) expect(tall, 'pixels too high').toBeLessThanOrEqual(0);
});

for (const width of [320, 360]) {
  test(`a screen of ${width} pixels shows every page whole`, async ({ page }) => {
    await page.setViewportSize({ width, height: 640 });
    const { items: [lora] } = await (await fetch(`${server.url}/api/v1/lora-models?limit=1`)).json();
    for (const path of ['/', '/models', `/models/lora/${lora.id}`, '/models/import', '/models/import/csv', '/grids', '/grids/new', '/trash', '/start', '/?pick=1']) {
      await page.goto(server.url + path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, path).toBeLessThanOrEqual(0);
      const cut = await page.evaluate(() => [...document.querySelectorAll('button, a[href]')]
        .filter(control => control.checkVisibility() && !control.closest('.skip, .tray, .xyz'))
        .filter(control => { const { left, right } = control.getBoundingClientRect(); return left < -1 || right > innerWidth + 1; })
        .map(control => control.outerHTML.slice(0, 100)));
      expect(cut, path).toEqual([]);
      const overflowing = await page.evaluate(() => [...document.querySelectorAll('.btn')]
        .filter(button => button.checkVisibility() && button.scrollWidth > button.clientWidth + 1)
        .map(button => button.outerHTML.slice(0, 100)));
      expect(overflowing, path).toEqual([]);
    }
  });
}
