// Finds a browser that is there already: $GENONAUT_CHROMIUM, else the system's.
import { spawnSync } from 'node:child_process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Its path or name; undefined lets Playwright look for one that it installed itself. */
export function chromium() {
  const asked = process.env.GENONAUT_CHROMIUM;
  if (asked) return asked;
  const name = NAMES.find(answers);
  return name && spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
}

// Asking for the version tells a browser from a stub that only offers to install one.
function answers(name) {
  const asked = spawnSync(name, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return asked.status === 0 && /\d+\.\d+/.test(asked.stdout);
}
