// An image of another program that is dropped on the page: what was taken over, and what was not.
import { deflateSync } from 'node:zlib';
import { start } from '../support/server.js';
import { violations } from '../support/axe.js';
import { expect, test } from '../support/test.js';

let server;
test.beforeAll(async () => { server = await start({ seeded: true }); });
test.afterAll(() => server.stop());

const bit = value => value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
const crc32 = bytes => ~bytes.reduce((sum, byte) => { sum ^= byte; for (let at = 0; at < 8; at++) sum = bit(sum); return sum; }, -1) >>> 0;
const chunk = (kind, data) => {
  const body = Buffer.concat([Buffer.from(kind), data]), length = Buffer.alloc(4), sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};
/* One grey pixel with A1111's text in it. */
const png = text => Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
  chunk('iTXt', Buffer.concat([Buffer.from('parameters\0\0\0\0\0'), Buffer.from(text)])),
  chunk('IDAT', deflateSync(Buffer.from([0, 128]))),
  chunk('IEND', Buffer.alloc(0)),
]);
const load = (page, text) => page.getByTestId('load-image').setInputFiles({ name: 'other.png', mimeType: 'image/png', buffer: png(text) });

test('what is not taken over is listed, and can be read on a phone', { tag: '@every-size' }, async ({ page, ui }) => {
  await page.goto(server.url);
  await load(page, 'dunes <lora:add_detail:5> <lora:gone:1>\nNegative prompt: fog\nSteps: 12, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 750x1334, Model: no such model');
  await expect(ui.prompt).toHaveValue('dunes');
  await expect(ui.weight('add_detail')).toHaveValue('4.00');
  const report = page.getByTestId('image-report');
  await expect(report).toContainText('other.png: some settings were not imported');
  for (const text of ['The width was changed from 750 to 752', '“no such model” not found in the catalogue', 'LoRA “gone”', 'weight 5 is out of range (-4 to 4)']) {
    await expect(report).toContainText(text);
  }
  await expect(report).toBeInViewport();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'nothing is cut off').toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
});

test('the longest prompts are loaded, and a reload finds them again', async ({ page, ui }) => {
  await page.goto(server.url);
  const prompt = '雨'.repeat(4990), negative = '夜'.repeat(4990);
  await load(page, `${prompt}\nNegative prompt: ${negative}\nSteps: 12, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 512x768`);
  await expect(ui.prompt).toHaveValue(prompt);
  await expect(ui.negative).toHaveValue(negative);
  const kept = page.waitForResponse(response => new URL(response.url()).pathname === '/');
  await page.getByTestId('steps-input').fill('13');
  await page.getByTestId('steps-input').blur();
  await kept;
  await expect(page.getByTestId('notice')).toHaveCount(0);
  await page.reload();
  await expect(ui.prompt).toHaveValue(prompt);
  await expect(page.getByTestId('steps-input')).toHaveValue('13');
});

test('syntax that engines read as plain words is noted when the prompt is left', async ({ page, ui }) => {
  await page.goto(server.url);
  await ui.prompt.fill('a [cat:dog:0.5] BREAK embedding:bad-hands');
  await ui.negative.focus();
  const notes = page.getByTestId('prompt-note');
  await expect(notes).toHaveCount(3);
  await expect(notes.first()).toContainText('“[cat:dog:0.5]” changes the prompt between steps');
  await ui.prompt.fill('a cat');
  await ui.negative.focus();
  await expect(notes).toHaveCount(0);
});
