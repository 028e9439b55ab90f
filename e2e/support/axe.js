// Runs axe-core in the page, dark and light. Its source goes through the debugger, so the page's CSP stays as it is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with the page as it stands in either colour scheme, one line for each. */
export async function violations(page) {
  const { tags, project } = test.info(), own = project.use.colorScheme;
  // How a page looks is judged at every size.
  if (!tags.includes('@every-size')) throw new Error("a test that judges looks has { tag: '@every-size' }");
  const found = [];
  await page.evaluate(hold);
  for (const colorScheme of own === 'light' ? ['light', 'dark'] : ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await judged(page)).map(line => `${colorScheme}: ${line}`));
  }
  await page.emulateMedia({ colorScheme: own });
  await page.evaluate(release);
  return found;
}

// The other scheme's colours are there at once, also on what is off the screen and would only begin to change when axe looks.
function hold() {
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after { transition: none !important; }');
  document.adoptedStyleSheets.push(still);
}
function release() {
  document.adoptedStyleSheets.pop();
}

async function judged(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(source);
  return page.evaluate(async () => {
    // Animations fade colours; axe must see their end, where they have one.
    const ending = document.getAnimations().filter(animation => animation.effect.getComputedTiming().endTime !== Infinity);
    for (const animation of ending) animation.finish();
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')} ${node.failureSummary}`));
  });
}
