// What goes wrong is said in place, and nothing typed is lost.
import { expect, test } from '../support/test.js';

for (const [query, says] of [
  ['checkpoint=abc', 'names an unknown checkpoint'],
  ['lora=%3Cb%3E', 'names an unknown LoRA'],
  ['fit=best', 'Unknown compatibility'],
  ['cursor=zzz', 'Page not found'],
  [`q=${'x'.repeat(300)}`, 'at most 200 characters'],
  ['q=a%00b', 'without NUL'],
  ['checkpoint=0190b2d4-0000-7000-8000-000000000001', 'no longer in the catalogue'],
]) {
  test(`says what is wrong with ${query.slice(0, 20)}`, async ({ page, ui, complaints }) => {
    const answer = await page.goto(`/?${query}&prompt=kept`);
    expect([400, 404]).toContain(answer.status());
    await expect(page.getByTestId('notice')).toContainText(says);
    await expect(ui.prompt).toHaveValue('kept');
    await expect(ui.checkpoint).toBeVisible();
    complaints.splice(0, complaints.length, ...complaints.filter(text => !/status of 40[04]/.test(text)));
  });
}

test('a server that is gone is told, and what was typed is there', async ({ page, ui, complaints }) => {
  await page.goto('/');
  await ui.prompt.fill('kept');
  await ui.pick();
  await page.route('**/?*', route => route.abort());
  await ui.toggle('add_detail').click();
  await ui.done();
  await expect(page.getByRole('alert')).toContainText('Cannot reach the server');
  await expect(ui.prompt).toHaveValue('kept');
  complaints.length = 0;
});

test('a database that is away is named on the pill and as a toast', async ({ page }) => {
  const text = 'The private database genonaut_demo does not run. It is being started again.';
  const body = `event: database\ndata: ${JSON.stringify({ away: text })}\n\n`;
  await page.route('**/events', route => route.fulfill({ contentType: 'text/event-stream', body }));
  await page.goto('/');
  await expect(page.getByRole('alert').filter({ hasText: text })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Engine' })).toContainText('Database away');
});

test('a page that is not there leads back', async ({ page, complaints }) => {
  await page.goto('/nowhere');
  await page.getByRole('link', { name: 'Back to Generate' }).click();
  await expect(page.getByRole('form', { name: 'Recipe' })).toBeVisible();
  complaints.length = 0;
});

test('the whole page weighs at most 40 kB', async ({ page }) => {
  const finished = [];
  // The stream of events is open as long as the page is; its size is never known.
  page.on('requestfinished', request => finished.push(request));
  // Asked for while the page is there: afterwards nobody knows.
  const bytes = async () => (await Promise.all(finished.map(request => request.sizes()))).reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  await page.goto('/');
  await expect.poll(bytes).toBeGreaterThan(15_000);
  expect(await bytes()).toBeLessThan(40_000);
});
