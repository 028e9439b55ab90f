// What every test needs: a server, the page's parts by their names, the catalogue as the API tells it, and a quiet console.
import { test as base, expect } from '@playwright/test';
import { start } from './server.js';

export { expect };

export const test = base.extend({
  // A test that changes what others see has a server of its own: `test.use({ own: { seeded: true } })`. Without that it reads
  // from the one that all share.
  own: [undefined, { option: true }],
  server: async ({ own }, use) => {
    const server = own && await start(own);
    await use(server ?? { url: process.env.GENONAUT_URL });
    await server?.stop();
  },
  // Through this the page is there after the server, and closed before it stops.
  baseURL: async ({ server }, use) => use(server.url),

  // Whatever the browser complains about fails the test: script errors, refused styles, missing files.
  complaints: [async ({ page }, use) => {
    const heard = [];
    // Leaving a page ends what it still asks for, and htmx complains of that.
    const left = text => text.startsWith('htmx: htmx:error: Failed to fetch');
    page.on('console', message => { if (message.type() === 'error' && !left(message.text())) heard.push(message.text()); });
    page.on('pageerror', error => heard.push(error.message));
    await use(heard);
    expect(heard, 'complaints of the browser').toEqual([]);
  }, { auto: true }],

  ui: async ({ page }, use) => use(parts(page)),
});

export function parts(page) {
  const card = name => page.getByTestId('lora-card').filter({ has: page.getByRole('button', { name, exact: true }) });
  return {
    stage: page.getByTestId('stage'),
    generate: page.getByTestId('generate-button'),
    shots: page.getByTestId('history-item'),
    images: page.getByTestId('batch-size-input'),
    toast: page.getByTestId('toast'),
    prompt: page.getByRole('textbox', { name: 'Prompt', exact: true }),
    negative: page.getByRole('textbox', { name: 'Negative prompt' }),
    checkpoint: page.getByRole('button', { name: /^Checkpoint / }),
    checkpointSearch: page.getByRole('combobox', { name: 'Search checkpoints' }),
    options: page.getByTestId('checkpoint-option'),
    option: name => page.getByRole('option', { name }),
    search: page.getByRole('searchbox', { name: 'Search LoRAs' }),
    fit: name => page.getByRole('radio', { name }),
    cards: page.getByTestId('lora-card'),
    card,
    toggle: name => page.getByRole('button', { name, exact: true }),
    rows: page.getByTestId('lora-row'),
    weight: name => page.getByRole('spinbutton', { name: `${name} weight, exact` }),
    word: name => page.getByTestId('lora-row').getByRole('button', { name, exact: true }),
    count: page.getByTestId('lora-count'),
    /** Opens the dialog of LoRAs, which shows what fits, and has it show all. */
    pick: async ({ all = true } = {}) => {
      await page.getByRole('button', { name: 'Add LoRA' }).click();
      await expect(page.getByTestId('lora-picker')).toBeVisible();
      const fit = page.getByTestId('lora-fit'), radio = fit.getByRole('radio', { name: 'All' });
      if (!all || !await radio.count()) return;
      await expect(fit.getByRole('radio', { checked: true })).toHaveCount(1);
      if (await radio.isChecked()) return;
      await radio.check();
      const search = page.getByRole('button', { name: 'Search', exact: true });
      if (await search.isVisible()) await search.click();
      await expect(page).toHaveURL(/fit=any/);
    },
    done: async () => {
      await page.getByTestId('lora-done').click();
      await expect(page.getByTestId('lora-picker')).toBeHidden();
    },
    /** Adds LoRAs by their names. */
    async add(...names) {
      await this.pick();
      for (const name of names) {
        await this.toggle(name).click();
        await expect(this.toggle(name)).toHaveAttribute('aria-pressed', 'true');
        await expect(this.rows.filter({ hasText: name })).toHaveCount(1);
      }
      await this.done();
    },
  };
}

/** All models of a kind, best rated first, as the API lists them. */
export async function catalogue(url, kind, query = '') {
  const items = [];
  for (let cursor = ''; cursor !== null;) {
    const answer = await fetch(`${url}/api/v1/${kind}?limit=200${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    const page = await answer.json();
    items.push(...page.items);
    cursor = page.next_cursor ?? null;
  }
  return items;
}

export const label = model => model.name ?? model.filename ?? model.path;
