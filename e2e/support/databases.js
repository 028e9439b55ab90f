// Databases on the private test server, which a small program makes: it knows SQL and where the server is. What it has made goes
// when its input ends, with this process at the latest.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { built, program, root } from './program.js';

const run = promisify(execFile);
let maker;

/** The address of a migrated database, filled when asked, with so many made-up models besides. Where the run has made one like
    it before, this is a copy: copying takes a tenth of a second. */
export async function database({ seeded, rows = 0 }) {
  const { GENONAUT_MIGRATED: migrated, GENONAUT_SEEDED: filled } = process.env;
  const template = seeded ? filled ?? migrated : migrated;
  const address = await ask(template ? `create ${template}` : 'create');
  const change = (...args) => run(program, ['--database-url', address, ...args], { cwd: root });
  if (!template) await change('db', 'migrate');
  if (seeded && (rows || template !== filled)) await change('seed', '--rows', String(rows));
  return address;
}

/** One with so many made-up models, which takes half a minute to fill: it is kept for the next runs of the same program. So
    nobody may change what is in it. */
export async function large(rows) {
  const name = `${rows}_${createHash('sha256').update(readFileSync(program)).digest('hex').slice(0, 12)}`;
  const found = await ask(`find ${name}`);
  return found === 'none' ? ask(`keep ${await database({ seeded: true, rows })} ${name}`) : found;
}

export const drop = address => ask(`drop ${address}`);

/** Takes away all that this process has made. */
export async function dropAll() {
  const ended = new Promise(done => maker.child.once('exit', done));
  maker.child.stdin.end();
  await ended;
}

/** One line to the maker, and the line that it answers; it answers in the order of the questions. */
async function ask(line) {
  maker ??= start();
  return new Promise((done, fail) => {
    maker.waiting.push({ done, fail });
    maker.child.stdin.write(`${line}\n`);
  });
}

function start() {
  // In a group of its own it outlives Ctrl+C by the moment that tidying up takes.
  const child = spawn(built('examples/databases'), { stdio: ['pipe', 'pipe', 'inherit'], detached: true }), waiting = [];
  createInterface({ input: child.stdout }).on('line', answer => {
    const { done, fail } = waiting.shift();
    if (answer.startsWith('error: ')) fail(new Error(answer)); else done(answer);
  });
  child.on('exit', code => { for (const { fail } of waiting) fail(new Error(`the maker of databases ended with ${code}`)); });
  return { child, waiting };
}
