// Choosing: what is chosen stays, what is typed stays, and the address says it all.
import { expect, test } from '../support/test.js';

test('another checkpoint judges the LoRAs anew and keeps the prompts', async ({ page, ui }) => {
  await page.goto('/');
  await ui.prompt.fill('a cat & a dog');
  await ui.negative.fill('rain');
  await ui.add('add_detail');
  await expect(ui.rows).toContainText('Incompatible');
  await expect(ui.rows.getByTestId('lora-fit-reason')).toContainText('SD 1.5');
  await ui.checkpoint.click();
  await ui.option(/realisticVisionV51/).click();
  await expect(ui.checkpoint).toContainText('realisticVisionV51');
  await expect(ui.rows).toContainText('Optimal');
  await expect(ui.prompt).toHaveValue('a cat & a dog');
  await page.reload();
  await expect(ui.prompt).toHaveValue('a cat & a dog');
  await expect(ui.negative).toHaveValue('rain');
  await expect(ui.rows).toContainText('add_detail');
});

test('trigger words go into the prompt and come out, and undo is the browser\'s', async ({ page, ui }) => {
  await page.goto('/');
  await ui.prompt.pressSequentially('a cat');
  await ui.add('cinematic_lighting');
  await expect(ui.weight('cinematic_lighting')).toHaveValue('0.80');
  await ui.word('film look').click();
  await expect(ui.prompt).toHaveValue('a cat, film look');
  await expect(ui.word('film look')).toHaveAttribute('aria-pressed', 'true');
  await ui.prompt.focus();
  await page.keyboard.press('Control+z');
  await expect(ui.prompt).toHaveValue('a cat');
  await expect(ui.word('film look')).toHaveAttribute('aria-pressed', 'false');
  await ui.prompt.fill('a cat, (film look:1.2), rain');
  await expect(ui.word('film look')).toHaveAttribute('aria-pressed', 'true');
  await ui.word('film look').click();
  await expect(ui.prompt).toHaveValue('a cat, rain');
});

test('words with signs of their own are words too', async ({ page, ui }) => {
  await page.goto('/?q=xl_plain');
  await ui.add('xl_plain');
  for (const word of ['plain (old)', 'C++']) {
    await ui.word(word).click();
    await expect(ui.word(word)).toHaveAttribute('aria-pressed', 'true');
  }
  await expect(ui.prompt).toHaveValue('plain (old), C++');
});

test('two LoRAs added in a hurry are both there', async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await expect(ui.cards.first()).toBeVisible();
  await page.evaluate(() => [...document.querySelectorAll('.card .hit')].slice(0, 3).forEach(hit => hit.click()));
  await expect(ui.rows).toHaveCount(3);
  await expect(page).toHaveURL(/(lora=.*){3}/);
});

test('removing gives the focus to the neighbour', async ({ page, ui }) => {
  await page.goto('/');
  await ui.add('add_detail', 'anime_style');
  await expect(ui.rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Remove add_detail' }).click();
  await expect(ui.rows).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Remove anime_style' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(ui.rows).toHaveCount(0);
  await expect(page.getByTestId('add-lora')).toBeFocused();
});

test('back brings the models back and leaves the prompt as typed', async ({ page, ui }) => {
  await page.goto('/');
  // The address of the first entry says the recipe once the list has answered.
  await ui.pick();
  await expect(page).toHaveURL(/checkpoint=/);
  await ui.done();
  await ui.add('add_detail');
  await expect(ui.rows).toHaveCount(1);
  await ui.prompt.fill('typed later');
  await expect(page).toHaveURL(/typed/);
  await page.goBack();
  await expect(ui.rows).toHaveCount(0);
  await expect(ui.prompt).toHaveValue('typed later');
  await page.goForward();
  await expect(ui.rows).toHaveCount(1);
});

test('the theme menu holds over a reload', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});
