// At 400 % zoom a usual screen is 320 by 256 pixels: most of them show what somebody has come for.
import { expect, test } from '../support/test.js';

test.use({ viewport: { width: 320, height: 256 } });

const LISTS = {
  'the Models page': async ({ page }) => { await page.goto('/models?view=grid'); return page.getByTestId('model-card'); },
  'the Models page as a list': async ({ page }) => { await page.goto('/models?view=list'); return page.getByTestId('model-card'); },
  'the LoRA picker': async ({ page, ui }) => { await page.goto('/'); await ui.pick(); return ui.cards; },
};

for (const [name, open] of Object.entries(LISTS)) {
  test(`${name} leaves more than half of the screen to its cards`, async ({ page, ui }) => {
    const card = (await open({ page, ui })).nth(2);
    await expect(card).toBeVisible();
    const seen = await card.evaluate(card => {
      card.scrollIntoView({ block: 'center' });
      const { left, width } = card.getBoundingClientRect();
      return Array.from({ length: innerHeight }, (_, y) => document.elementFromPoint(left + width / 2, y)).filter(element => element?.closest('.card')).length;
    });
    expect(seen).toBeGreaterThan(128);
  });
}
