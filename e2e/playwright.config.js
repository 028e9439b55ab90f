// Three sizes of screen; colour schemes are set by the tests that care.
import { defineConfig } from '@playwright/test';
import { chromium } from './support/chromium.js';

const size = (name, width, height, touch) => ({ name, use: { viewport: { width, height }, hasTouch: touch } });

export default defineConfig({
  testDir: 'tests',
  globalSetup: './support/setup.js',
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  reporter: process.env.CI ? [['line']] : [['list']],
  // A machine under load may be slow once; what fails twice is broken, and a second try is reported.
  retries: 1,
  timeout: 20_000,
  expect: { timeout: 5_000 },
  use: {
    browserName: 'chromium',
    colorScheme: 'dark',
    testIdAttribute: 'data-testid',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage'],
    },
  },
  projects: [size('desktop', 1440, 900, false), size('tablet', 820, 1180, true), size('phone', 390, 844, true)],
});
