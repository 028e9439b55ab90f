// Behaviour on a dark desktop and a light phone; what depends on the size of the screen, and all looks, on a tablet too.
import { defineConfig } from '@playwright/test';
import { chromium } from './support/chromium.js';

const screen = (name, colorScheme, width, height, hasTouch) => ({ name: `${name} ${colorScheme}`, use: { viewport: { width, height }, hasTouch, colorScheme } });

export default defineConfig({
  testDir: 'tests',
  globalSetup: './support/setup.js',
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // Both end with a list of the tests that needed their second try.
  reporter: process.env.CI ? [['line']] : [['list']],
  retries: 1,
  // Long, for machines that are slow or busy: a test waits for what is to be there, and fails when it does not come.
  timeout: 120_000,
  // Of a program that does not work, these are enough.
  maxFailures: 20,
  expect: { timeout: 30_000 },
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
    testIdAttribute: 'data-testid',
    // Recording costs a fifth of the time; a second try is recorded.
    trace: 'on-first-retry',
    launchOptions: {
      executablePath: chromium(),
      args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage'],
    },
  },
  projects: [
    screen('desktop', 'dark', 1440, 900, false),
    screen('phone', 'light', 390, 844, true),
    { ...screen('tablet', 'dark', 820, 1180, true), grep: /@every-size/ },
  ],
});
