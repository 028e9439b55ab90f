// One server with the seed files' models and more, and one with an empty catalogue: tests only read from them. And what a
// server of a test's own starts from.
import { database, dropAll } from './databases.js';
import { start } from './server.js';

export default async function setup() {
  process.env.GENONAUT_MIGRATED = await database({ seeded: false });
  process.env.GENONAUT_SEEDED = await database({ seeded: true });
  const [full, empty] = await Promise.all([{ seeded: true }, { seeded: false }].map(start));
  process.env.GENONAUT_URL = full.url;
  process.env.GENONAUT_EMPTY_URL = empty.url;
  for (const model of loras()) await create(full.url, 'lora-models', model);
  for (const model of checkpoints()) await create(full.url, 'checkpoint-models', model);
  const before = await state(full.url);
  return async () => {
    const after = await state(full.url);
    await Promise.all([full, empty].map(server => server.stop()));
    await dropAll();
    // Whichever it was, the others could not rely on what they read.
    const changed = Object.keys(before).filter(what => before[what] !== after[what]);
    if (changed.length) throw new Error(`some test has changed ${changed.join(', ')} of the server that all share; it needs one of its own: test.use({ own: { seeded: true } })`);
  };
}

/** What tests may read. */
async function state(url) {
  const state = {};
  for (const what of ['lora-models?limit=200', 'checkpoint-models?limit=200', 'images?limit=200', 'roots']) {
    const answer = await fetch(`${url}/api/v1/${what}`);
    if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
    state[what] = await answer.text();
  }
  return state;
}

function loras() {
  const filler = number('filler', 60, 'loras', { compatible_architectures: ['sd1'] });
  return [
    ...filler,
    { path: 'loras/xl_detail.safetensors', rating: 0.5, compatible_architectures: ['sdxl'], optimal_checkpoints: ['sd_xl_base_1.0'] },
    { path: 'loras/xl_plain.safetensors', rating: 0.45, compatible_architectures: ['SDXL 1.0'], trigger_words: ['plain (old)', 'C++'] },
    { path: 'loras/needle_in_hay.safetensors', rating: 0.001, compatible_architectures: ['sd1'], description: 'Far behind everything else' },
    { path: 'loras/nobody_rated_me.safetensors', compatible_architectures: ['sd1'] },
    { path: 'loras/odd.safetensors', name: '<img src=x onerror=alert(1)> "odd" \'name\'', rating: 0.6, description: '</p><script>alert(2)</script>', trigger_words: ['<b>bold</b>', '"quoted"'] },
  ];
}

function checkpoints() {
  return [
    ...number('base', 40, 'checkpoints', { architecture: 'sdxl' }),
    { path: 'checkpoints/haystack_needle.safetensors', rating: 0.001, architecture: 'flux' },
    { path: 'checkpoints/unrated_base.safetensors', architecture: 'sd1' },
  ];
}

function number(name, count, folder, fields) {
  const model = (_, at) => ({ path: `${folder}/${name}_${at}.safetensors`, rating: Math.round(400 - at * 5) / 1000, ...fields });
  return Array.from({ length: count }, model);
}

async function create(url, kind, model) {
  const answer = await fetch(`${url}/api/v1/${kind}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(model) });
  if (answer.status !== 201) throw new Error(`${kind} ${model.path}: ${answer.status} ${await answer.text()}`);
}
