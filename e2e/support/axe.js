// Runs axe-core in the page. Its source goes through the debugger, so the page's CSP stays as it is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with the page as it stands, one line for each. */
export async function violations(page) {
  await page.evaluate(source);
  return page.evaluate(async () => {
    // Animations fade colours; axe must see their end, where they have one.
    const ending = document.getAnimations().filter(animation => animation.effect.getComputedTiming().endTime !== Infinity);
    for (const animation of ending) animation.finish();
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')} ${node.failureSummary}`));
  });
}
