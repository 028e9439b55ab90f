// Scripts set no style attribute, which the content security policy refuses: neither in a swap nor after the way back.
import { expect, test } from '../support/test.js';

test.use({ own: { seeded: true } });

/** Everything that the policy refuses in whatever document the tab shows. */
async function refusals(page) {
  const refused = [];
  await page.exposeFunction('reportRefusal', text => refused.push(text));
  await page.addInitScript(() => addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => window.reportRefusal(`${effectiveDirective} ${blockedURI} ${sourceFile}`)));
  return refused;
}
/** As dragging its corner does. htmx takes styles of an element over to the one that replaces it. */
const resize = field => field.evaluate(box => { box.style.blockSize = '222px'; });

test('a reused recipe replaces a prompt that was resized, and back leads on', async ({ page, ui }) => {
  const refused = await refusals(page);
  await page.goto('/');
  await ui.prompt.fill('copper dunes');
  await page.getByTestId('steps-input').fill('4');
  await ui.generate.click();
  await expect(ui.shots).toHaveCount(1);
  await ui.prompt.fill('something else');
  await resize(ui.prompt);
  await resize(ui.negative);
  await page.getByTestId('reuse').click();
  await page.getByRole('menuitem', { name: /^All parameters/ }).click();
  await expect(ui.prompt).toHaveValue('copper dunes');
  await ui.add('add_detail');
  await page.goBack();
  await expect(ui.rows).toHaveCount(0);
  expect(refused).toEqual([]);
});

test('an edited model replaces fields that were resized, and back makes the page anew', async ({ page }) => {
  const refused = await refusals(page);
  await page.goto('/models');
  await page.getByRole('link', { name: 'add_detail' }).click();
  const panel = page.getByRole('dialog');
  await resize(panel.getByRole('textbox', { name: 'Description' }));
  await panel.getByRole('combobox', { name: 'Add a base model' }).selectOption({ label: 'SDXL' });
  await expect(panel.getByRole('checkbox', { name: 'SDXL' })).toBeAttached();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await page.getByTestId('model-sort').selectOption('name');
  await expect(page).toHaveURL(/sort=name/);
  await page.goBack();
  await expect(page).not.toHaveURL(/sort=name/);
  await expect(page.getByTestId('model-card').first()).toBeVisible();
  expect(refused).toEqual([]);
});
