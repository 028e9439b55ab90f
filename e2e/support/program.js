// The program that the Rust tests have built, and the one that makes databases: `cargo build --workspace --bins --examples`.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.GENONAUT_BIN ?? built('genonaut');

/** Where cargo has put it. */
export function built(name) {
  const file = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', name);
  if (!existsSync(file)) throw new Error(`${file} is not there; build it: cargo build --workspace --bins --examples`);
  return file;
}
