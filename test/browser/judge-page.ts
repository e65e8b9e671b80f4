/**
 * What is wrong with a page for those who look at it on a phone, in the dark, with large letters, by keyboard or by
 * ear: axe-core's rules for WCAG 2.2 AA and its best practices, and what it does not measure.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const screens = {
  desktop: { width: 1280, height: 800 },
  /** 1280 px at 400 % zoom, and the narrowest phone (WCAG 2.2, 1.4.10). */
  phone: { width: 320, height: 640 },
} as const;

/** A page of ours that a customer may see. The page's context must let axe in (`bypassCSP`). */
export async function judgePage(page: Page): Promise<string[]> {
  return [...(await judgeLooks(page)), ...(await focusable(page))];
}

/** On each screen, in light and dark, and in large letters. */
export async function judgeLooks(page: Page): Promise<string[]> {
  const findings: string[] = [];
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = [...(await axeFindings(page)), ...(await overflow(page))];
      findings.push(...found.map((finding) => `${screen}, ${colorScheme}: ${finding}`));
    }
  }
  findings.push(...(await overflowOfLargeText(page)));
  return findings;
}

async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ content: axeSource });
  // The mark beside the title is for the eye alone, and axe takes it for no text; the unit tests know its contrast.
  const context = JSON.stringify({ exclude: [['[aria-hidden="true"]']] });
  // Of a table's cell that is scrolled out of its region, or holds a digit only, axe cannot tell; it sees the like beside it.
  const run = `(async () => {
    const keys = ['elmPartiallyObscured', 'shortTextContent'];
    const isUnseenCell = ({ any, target }) => any.some(({ data }) => keys.includes(data?.messageKey))
      && document.querySelector(target[0]).closest('[tabindex="0"]') !== null;
    const seen = (found) => found
      .map((one) => ({ ...one, nodes: one.nodes.filter((node) => one.id !== 'color-contrast' || !isUnseenCell(node)) }))
      .filter(({ nodes }) => nodes.length > 0);
    const { violations, passes, incomplete } = await axe.run(${context}, { runOnly: ${JSON.stringify(rules)} });
    return {
      passes: passes.map(({ id }) => id),
      found: [...violations, ...seen(incomplete)].map(({ id, nodes }) => id + ': ' + nodes.map((node) =>
        node.html + ' ' + node.failureSummary).join('; ')),
    };
  })()`;
  const { passes, found } = (await page.evaluate(run)) as { passes: string[]; found: string[] };
  // Rules that look at nothing pass too: these say that the page was there and had its colours.
  const looked = ['document-title', 'html-has-lang', 'color-contrast', 'landmark-one-main', 'page-has-heading-one'];
  const blind = looked.filter(
    (rule) => !passes.includes(rule) && !found.some((finding) => finding.startsWith(`${rule}:`)),
  );
  return [...found, ...blind.map((rule) => `${rule}: axe did not look at it`)];
}

async function overflow(page: Page): Promise<string[]> {
  return (await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    // A table of data may scroll in a region of its own (WCAG 2.2, 1.4.10), which itself must fit.
    const scrolls = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX === 'auto' || scrolls(element.parentElement));
    const outside = [...document.querySelectorAll('body *')]
      .filter((element) => !scrolls(element.parentElement))
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .map((element) => `<${element.localName}> reaches over the right edge`);
    return scrollWidth > clientWidth ? [`${scrollWidth} px wide on ${clientWidth} px`, ...outside] : outside;
  })) as string[];
}

/** Letters of twice the size, as a person's own setting makes them (WCAG 2.2, 1.4.4), on the phone. */
async function overflowOfLargeText(page: Page): Promise<string[]> {
  const sizes = (await page.evaluate(() => {
    const size = () => Number.parseFloat(getComputedStyle(document.querySelector('p') ?? document.body).fontSize);
    const before = size();
    document.documentElement.style.fontSize = '200%';
    return [before, size()];
  })) as [number, number];
  const fixed = sizes[1] < sizes[0] * 1.9 ? [`letters stay at ${sizes[1]} px when they shall be twice as large`] : [];
  const found = [...fixed, ...(await overflow(page))];
  await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  return found.map((finding) => `phone, letters of 200 %: ${finding}`);
}

/** There is nothing to operate on our pages, so the keyboard finds nothing to be caught in. */
async function focusable(page: Page): Promise<string[]> {
  const found = (await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, [tabindex], iframe');
    return [...all].map((element) => `<${element.localName}> can be operated`);
  })) as string[];
  return found;
}
