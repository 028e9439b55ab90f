// Every state fits its screen and is free of axe violations.
import { violations } from '../support/axe.js';
import { expect, parts, test } from '../support/test.js';

const STATES = {
  first: async () => {},
  chosen: async ({ ui, page }) => {
    await ui.add('cinematic_lighting');
    await expect(ui.rows).toHaveCount(1);
    await ui.word('film look').click();
    await page.mouse.move(0, 0);
  },
  options: async ({ ui }) => { await ui.checkpoint.click(); await expect(ui.checkpointSearch).toBeFocused(); },
  picker: async ({ ui, page }) => { await ui.pick(); await expect(ui.count).toContainText('of 7'); await expect(page.getByRole('checkbox', { name: /^enhancement/, includeHidden: true })).toBeAttached(); },
  'no results': async ({ ui, page }) => { await ui.pick(); await ui.search.fill('nothing at all'); await expect(page.getByTestId('no-results')).toBeVisible(); },
  theme: async ({ page }) => { await page.getByRole('button', { name: 'Theme' }).click(); await expect(page.getByRole('menuitemradio', { name: 'Dark' })).toBeVisible(); },
  shortcuts: async ({ page }) => { await page.keyboard.press('?'); await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible(); },
};

for (const [name, reach] of Object.entries(STATES)) {
  test(name, { tag: '@every-size' }, async ({ page, ui }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto('/');
    await reach({ page, ui });
    expect(await violations(page)).toEqual([]);
    await fits(page);
  });
}

test('empty catalogue', { tag: '@every-size' }, async ({ page }) => {
  await page.goto(process.env.GENONAUT_EMPTY_URL);
  expect(await violations(page)).toEqual([]);
  await fits(page);
});

// 42 pixels for a finger; for a mouse what WCAG 2.2 asks for (2.5.8).
test('what a finger or a mouse must hit is high enough', { tag: '@every-size' }, async ({ page }, { project }) => {
  await page.goto('/');
  const ui = parts(page);
  await ui.add('cinematic_lighting');
  await expect(ui.rows).toHaveCount(1);
  const least = project.use.hasTouch ? 41.5 : 24;
  const small = await page.evaluate(least => [...document.querySelectorAll('button, a[href], .input, textarea, .seg label')]
    .filter(control => control.checkVisibility() && !control.matches('.skip, .card .hit, .frame'))
    .filter(control => control.getBoundingClientRect().height < least)
    .map(control => control.outerHTML.slice(0, 80)), least);
  expect(small).toEqual([]);
});

async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'pixels too wide').toBeLessThanOrEqual(0);
}
