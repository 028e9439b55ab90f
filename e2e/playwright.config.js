// Three sizes of screen, each dark and light.
import { defineConfig } from '@playwright/test';
import { chromium } from './support/chromium.js';

const size = (name, width, height, hasTouch) => ['dark', 'light'].map(colorScheme => (
  { name: `${name} ${colorScheme}`, use: { viewport: { width, height }, hasTouch, colorScheme } }));

export default defineConfig({
  testDir: 'tests',
  globalSetup: './support/setup.js',
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  reporter: process.env.CI ? [['line']] : [['list']],
  // Among hundreds of tests on two busy cores one or the other meets a slow moment, seldom twice; every try is reported.
  retries: 2,
  timeout: 20_000,
  expect: { timeout: 5_000 },
  use: {
    browserName: 'chromium',
    testIdAttribute: 'data-testid',
    // Recording costs a fifth of the time; a second try is recorded.
    trace: 'on-first-retry',
    launchOptions: {
      executablePath: chromium(),
      args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage'],
    },
  },
  projects: [...size('desktop', 1440, 900, false), ...size('tablet', 820, 1180, true), ...size('phone', 390, 844, true)],
});
