// Good values are there before they are asked for, and nothing a person changed is overwritten.
import { expect, test } from '../support/test.js';

const value = (page, id) => page.getByTestId(id);

test('a checkpoint brings its own values, and Undo takes them back', async ({ page, ui }) => {
  await page.goto('/');
  await expect(value(page, 'width-input')).toHaveValue('1024');
  await expect(value(page, 'steps-input')).toHaveValue('30');
  await value(page, 'cfg-scale-input').fill('9.5');
  await expect(page.getByTestId('use-defaults')).toBeEnabled();
  await ui.checkpoint.click();
  await ui.option(/realisticVisionV51/).click();
  await expect(value(page, 'width-input')).toHaveValue('512');
  await expect(value(page, 'height-input')).toHaveValue('768');
  await expect(value(page, 'steps-input')).toHaveValue('25');
  await expect(value(page, 'cfg-scale-input')).toHaveValue('9.5');
  await expect(ui.toast).toContainText('Your changes are kept');
  await ui.toast.getByRole('link', { name: 'Undo' }).click();
  await expect(ui.checkpoint).toContainText('sd_xl_base_1.0');
  await expect(value(page, 'width-input')).toHaveValue('1024');
  await expect(value(page, 'cfg-scale-input')).toHaveValue('9.5');
  await page.getByTestId('use-defaults').click();
  await expect(value(page, 'cfg-scale-input')).toHaveValue('7');
});

test('sizes are chosen by shape, by number, and swapped', async ({ page, complaints }) => {
  await page.goto('/');
  await page.getByRole('radio', { name: /^2 to 3/ }).click();
  await expect(value(page, 'width-input')).toHaveValue('832');
  await expect(value(page, 'height-input')).toHaveValue('1280');
  await page.getByRole('button', { name: 'Swap width and height' }).click();
  await expect(value(page, 'width-input')).toHaveValue('1280');
  await expect(page.getByRole('radio', { name: /^3 to 2/ })).toBeChecked();
  await value(page, 'width-input').fill('1111');
  await value(page, 'width-input').blur();
  await expect(page.getByTestId('notice')).toContainText('must be a multiple of 8');
  complaints.length = 0;
});

test('arrow keys go through the sizes, as through any radio buttons', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('radio', { name: /^1 to 1/ }).focus();
  for (const [name, width] of [[/^3 to 4/, '896'], [/^2 to 3/, '832']]) {
    await page.keyboard.press('ArrowRight');
    await expect(value(page, 'width-input')).toHaveValue(width);
    await expect(page.getByRole('radio', { name })).toBeChecked();
    await expect(page.getByRole('radio', { name })).toBeFocused();
  }
  await page.keyboard.press('ArrowLeft');
  await expect(value(page, 'width-input')).toHaveValue('896');
});

test('a weight has a tick, a reset and a number beyond the slider', async ({ page, ui }) => {
  await page.goto('/');
  await ui.add('add_detail');
  const weight = ui.weight('add_detail'), reset = page.getByRole('button', { name: /^Reset add_detail/ });
  await expect(weight).toHaveValue('0.70');
  await expect(reset).toHaveCount(0);
  await weight.fill('-1.5');
  await weight.blur();
  await expect(reset).toBeVisible();
  await reset.click();
  await expect(weight).toHaveValue('0.70');
  await page.getByRole('switch', { name: 'Use add_detail' }).click();
  await expect(weight).toBeHidden();
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Use add_detail' })).not.toBeChecked();
  await page.getByText('Advanced').click();
  await page.getByRole('switch', { name: 'Use add_detail' }).click();
  await page.getByTestId('separate-clip').check();
  await expect(page.getByRole('spinbutton', { name: 'add_detail CLIP weight' })).toHaveValue('0.70');
});

test('a LoRA takes its trigger words along', async ({ page, ui }) => {
  await page.goto('/');
  await ui.prompt.fill('a cat');
  await ui.add('cinematic_lighting');
  await ui.word('film look').click();
  await expect(ui.prompt).toHaveValue('a cat, film look');
  await ui.rows.getByRole('button', { name: 'Remove cinematic_lighting' }).click();
  await expect(ui.rows).toHaveCount(0);
  await expect(ui.prompt).toHaveValue('a cat');
});

test('Ctrl and an arrow weigh the words under the cursor', async ({ page, ui }) => {
  await page.goto('/');
  await ui.prompt.fill('a cat');
  await ui.prompt.press('End');
  await ui.prompt.press('Control+ArrowUp');
  await ui.prompt.press('Control+ArrowUp');
  await expect(ui.prompt).toHaveValue('a (cat:1.1)');
  await ui.prompt.press('Control+ArrowDown');
  await ui.prompt.press('Control+ArrowDown');
  await expect(ui.prompt).toHaveValue('a cat');
});

test('seeds are random, given, and random again', async ({ page }) => {
  await page.goto('/');
  const random = page.getByRole('button', { name: 'Random seed each time' });
  await expect(random).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('seed-input').fill('42');
  await page.getByTestId('seed-input').blur();
  await expect(random).toHaveAttribute('aria-pressed', 'false');
  await expect(page).toHaveURL(/seed=42/);
  await random.click();
  await expect(page.getByTestId('seed-input')).toHaveValue('');
});

test('filters narrow the picker and stay in the address', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto('/');
  await ui.pick();
  await page.getByTestId('lora-sort').selectOption('name');
  await expect(ui.cards.first()).toContainText('<img');
  const filters = page.getByRole('button', { name: 'Filters' });
  if (await filters.isVisible()) await filters.click();
  await page.getByRole('checkbox', { name: /^anime/ }).check();
  await expect(ui.cards).toHaveCount(1);
  await expect(page).toHaveURL(/tag=anime/);
});
