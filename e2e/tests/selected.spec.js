// What the form for selected models says: where they are, and of which change its success is.
import { expect, test } from '../support/test.js';

test.use({ own: { seeded: true } });

const headers = { 'Content-Type': 'application/json' };
const box = (page, name) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
const bulk = page => page.getByRole('form', { name: 'Bulk edit' });

/** So many more LoRAs, `many_00` and on; the first of them and all up to another are selected. */
async function select(page, baseURL, count, last) {
  for (let at = 0; at < count; at++) {
    const body = JSON.stringify({ path: `loras/many_${String(at).padStart(2, '0')}.safetensors`, tags: ['many'] });
    expect((await fetch(`${baseURL}/api/v1/lora-models`, { method: 'POST', headers, body })).status).toBe(201);
  }
  await page.goto('/models?tag=many&sort=name&view=list');
  await box(page, 'many_00').check();
  await box(page, last).click({ modifiers: ['Shift'] });
}

test('on another page the form says that what is selected is not there', async ({ page, baseURL }) => {
  await select(page, baseURL, 60, 'many_19');
  await expect(page.locator('#bulk-count')).toHaveText('20 selected');
  await page.getByTestId('models-next').click();
  await expect(box(page, 'many_50')).not.toBeChecked();
  await expect(page.locator('#bulk-count')).toHaveText('20 selected, 20 not on this page');
  await box(page, 'many_50').check();
  await expect(page.locator('#bulk-count')).toHaveText('21 selected, 20 not on this page');
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(bulk(page)).toBeHidden();
});

test('a refused rating stands beside no success, and the change before it can still be undone', async ({ page, baseURL, complaints }) => {
  await select(page, baseURL, 20, 'many_19');
  await bulk(page).getByRole('textbox', { name: 'Add tags' }).fill('fine');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page.locator('#bulk-said')).toHaveText('20 of 20 updated');
  await expect(page.locator('#bulk-undo .undo')).toHaveClass(/good/);
  await bulk(page).getByRole('spinbutton', { name: 'Set rating' }).fill('7');
  await bulk(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page.locator('.toast.stays')).toContainText('Rating: must be a number');
  await expect(page.locator('#bulk-said')).not.toContainText('updated');
  await expect(page.locator('#bulk-undo .undo')).not.toHaveClass(/good/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('20 of 20 restored')).toBeVisible();
  complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 422/.test(text)));
});
