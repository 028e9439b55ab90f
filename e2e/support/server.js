// The real program, with a folder and a database of its own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { database, drop, large } from './databases.js';
import { program, root } from './program.js';

/** Serves an empty catalogue, one of the seed files' models, or one of those and so many made-up ones, which is only to be
    read. `stop` leaves nothing else behind. A ComfyUI is looked for at `lookFor` alone. */
export async function start({ seeded, rows = 0, watching = true, hashing = true, lookFor = '' }) {
  const data = mkdtempSync(join(tmpdir(), 'genonaut-e2e-')), address = rows ? await large(rows) : await database({ seeded });
  const env = { ...process.env };
  delete env.DATABASE_URL;
  const args = ['--data', data, '--database-url', address];
  const run = (...more) => {
    const { input } = typeof more.at(-1) === 'object' ? more.pop() : {};
    return execFileSync(program, [...args, ...more], { cwd: root, env, input, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'inherit'] });
  };
  const server = spawn(program, [...args, 'serve', '--listen', '127.0.0.1:0', '--demo-step', '25', '--look-for', lookFor, ...watching ? [] : ['--rescan', '0'], ...hashing ? [] : ['--no-hash']], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    await end(server);
    if (!rows) await drop(address);
    rmSync(data, { recursive: true, force: true });
  };
  return { url: await listening(server), run, stop };
}

async function listening(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const found = line.match(/^listening on (http:\S+)/);
    if (found) return found[1];
  }
  throw new Error('the server ended before it listened');
}

async function end(server) {
  if (server.exitCode !== null) return;
  const ended = new Promise(done => server.once('exit', done));
  server.kill('SIGTERM');
  await ended;
}
