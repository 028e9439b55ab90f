// Forced colours take backgrounds and shadows away: what is current or chosen is outlined besides.
import { expect, test } from '../support/test.js';

const outlined = part => part.evaluate(element => {
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2;
});

test.beforeEach(({ page }) => page.emulateMedia({ forcedColors: 'active' }));

for (const view of ['grid', 'list']) {
  test(`the current page and tab, and a selected model of the ${view}, are outlined`, async ({ page }) => {
    await page.goto(`/models?view=${view}`);
    for (const name of ['Main', 'Model types']) {
      const nav = page.getByRole('navigation', { name });
      expect(await outlined(nav.locator('[aria-current]')), name).toBe(true);
      expect(await outlined(nav.locator('a:not([aria-current])').first()), name).toBe(false);
    }
    const box = page.getByRole('checkbox', { name: 'Select add_detail', exact: true });
    const card = page.getByTestId('model-card').filter({ has: box });
    expect(await outlined(card)).toBe(false);
    await box.check();
    expect(await outlined(card)).toBe(true);
  });
}

test('the size and the LoRAs that are chosen are outlined', async ({ page, ui }) => {
  await page.goto('/');
  const sizes = page.getByTestId('aspect-ratios').locator('label');
  expect(await outlined(sizes.filter({ has: page.locator(':checked') }))).toBe(true);
  expect(await outlined(sizes.filter({ hasNot: page.locator(':checked') }).first())).toBe(false);
  await ui.pick();
  await ui.toggle('add_detail').click();
  await expect(ui.toggle('add_detail')).toHaveAttribute('aria-pressed', 'true');
  await ui.search.focus();
  expect(await outlined(ui.card('add_detail'))).toBe(true);
  expect(await outlined(ui.card('anime_style'))).toBe(false);
});
