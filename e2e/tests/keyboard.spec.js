// Everything without a mouse.
import { expect, test } from '../support/test.js';

test('a whole recipe by keyboard', async ({ page, ui }) => {
  await page.goto('/');
  await page.keyboard.press('p');
  await expect(ui.prompt).toBeFocused();
  await page.keyboard.type('cpl/?');
  await expect(ui.prompt).toHaveValue('cpl/?');
  await ui.prompt.blur();

  await page.keyboard.press('c');
  await expect(ui.checkpointSearch).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await expect(ui.checkpoint).toBeFocused();
  await expect(ui.checkpointSearch).toBeHidden();

  await page.keyboard.press('l');
  await expect(ui.search).toBeFocused();
  await expect(ui.fit('Fits this checkpoint')).toBeChecked();
  await ui.fit('All').check();
  await expect(page).toHaveURL(/fit=any/);
  await ui.search.focus();
  await page.keyboard.type('detail');
  // The list that is there before has the card too; the address changes with the answer.
  await expect(page).toHaveURL(/q=detail/);
  await expect(ui.card('add_detail')).toBeVisible();
  await ui.search.fill('');
  await expect(page).not.toHaveURL(/q=detail/);
  await expect(ui.cards).toHaveCount(24);
  await ui.toggle('add_detail').focus();
  await page.keyboard.press('ArrowRight');
  await expect(ui.toggle('cinematic_lighting')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(ui.rows).toHaveCount(1);
  await expect(ui.toggle('cinematic_lighting')).toBeFocused();
  await expect(ui.toggle('cinematic_lighting')).toHaveAttribute('aria-pressed', 'true');

  await page.keyboard.press('Escape');
  await expect(page.getByTestId('add-lora')).toBeFocused();
  await ui.word('film look').focus();
  await page.keyboard.press('Space');
  await expect(ui.prompt).toHaveValue('cpl/?, film look');
  await expect(ui.word('film look')).toBeFocused();
});

test('the combobox says which option is active, and Escape closes it', async ({ page, ui }) => {
  await page.goto('/');
  await page.keyboard.press('c');
  await expect(ui.checkpointSearch).toBeFocused();
  await page.keyboard.press('ArrowUp');
  const active = await ui.checkpointSearch.getAttribute('aria-activedescendant');
  await expect(page.locator(`[id="${active}"]`)).toHaveClass(/active/);
  await page.keyboard.press('Escape');
  await expect(ui.checkpointSearch).toBeHidden();
});

test('the list of shortcuts opens and closes', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
});

test('letters of the Generate page do nothing on the others', async ({ page }) => {
  for (const path of ['/models', '/models/import', '/models/import/csv', '/grids', '/grids/new', '/trash', '/start', '/problems']) {
    await page.goto(path);
    for (const key of ['p', 'c', 'l', 'r', 's', '0', '5', 'ArrowLeft', 'ArrowRight', 'Escape', 'Control+Enter']) await page.keyboard.press(key);
    await expect(page).toHaveURL(path);
  }
  // What throws is a complaint, which fails the test.
});
