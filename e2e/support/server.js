// The real program, with a folder and a database of its own.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = process.env.GENONAUT_BIN ?? join(root, 'target/debug/genonaut');

/** Migrates, seeds when asked, with so many made-up models besides, serves; `stop` leaves nothing behind. A ComfyUI is
    looked for at `lookFor` alone. */
export async function start({ seeded, rows = 0, watching = true, hashing = true, lookFor = '' }) {
  const data = mkdtempSync(join(tmpdir(), 'genonaut-e2e-'));
  // As root the program runs PostgreSQL as somebody else, who must get through here.
  chmodSync(data, 0o755);
  const env = { ...process.env };
  delete env.DATABASE_URL;
  const args = ['--data', data, '--env', 'test'];
  const run = (...more) => {
    const { input } = typeof more.at(-1) === 'object' ? more.pop() : {};
    return execFileSync(program, [...args, ...more], { cwd: root, env, input, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'inherit'] });
  };
  run('db', 'migrate');
  if (seeded) run('seed', '--rows', String(rows));
  const server = spawn(program, [...args, 'serve', '--listen', '127.0.0.1:0', '--demo-step', '25', '--look-for', lookFor, ...watching ? [] : ['--rescan', '0'], ...hashing ? [] : ['--no-hash']], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { url: await address(server), run, stop: () => stop(server, data) };
}

async function address(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const found = line.match(/^listening on (http:\S+)/);
    if (found) return found[1];
  }
  throw new Error('the server ended before it listened');
}

async function stop(server, data) {
  if (server.exitCode === null) {
    const ended = new Promise(done => server.once('exit', done));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(data, { recursive: true, force: true });
}
