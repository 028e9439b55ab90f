// One person with a real ComfyUI; the Rust tests start it and say where it is.
import base from './playwright.config.js';

export default {
  ...base,
  testDir: 'comfyui',
  globalSetup: undefined,
  retries: 0,
  timeout: 300_000,
  projects: base.projects.filter(({ name }) => name === 'desktop dark'),
};
