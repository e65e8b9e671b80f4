/**
 * The one style of the pages that a customer sees: the deployer's colours, light and dark by the browser's wish, and
 * lengths that follow the person's own font size down to 320 px of width (WCAG 2.2, 1.4.3, 1.4.4, 1.4.10).
 */
import { type Brand, defaultColors, paper } from '../core/brand.ts';

/** By the ground they stand on. */
const inks = {
  light: { ink: '#1d2733', dim: '#4d5b6b', line: '#c3ccd6', good: '#1f7a3d', bad: '#b3261e', neutral: '#4d5b6b' },
  dark: { ink: '#e8edf3', dim: '#aebccb', line: '#3a4756', good: '#7fd49b', bad: '#ff9d94', neutral: '#aebccb' },
} as const;
const grounds = { light: '#eef1f5', dark: '#10161d' } as const;

export function pageStyle(brand?: Brand): string {
  return `
:root { color-scheme: light dark; ${colors('light', brand?.color ?? defaultColors.color)} }
@media (prefers-color-scheme: dark) { :root { ${colors('dark', brand?.colorDark ?? defaultColors.colorDark)} } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
main { width: min(36rem, 100%); padding: 1.5rem clamp(1rem, 5vw, 2rem); background: var(--paper);
  border-top: .3rem solid var(--brand); }
@media (min-width: 38rem) { main { margin: 1.5rem 0; border-radius: .4rem; box-shadow: 0 1px 6px rgb(0 0 0 / .15); } }
.brand { margin: 0 0 1.25rem; padding-bottom: .6rem; border-bottom: 1px solid var(--line); color: var(--brand); font-weight: 600; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.3; }
h1 span { display: inline-block; min-width: 1.6em; margin-right: .4em; border-radius: .8em; background: var(--mark);
  color: var(--paper); font-size: .85em; line-height: 1.6; text-align: center; }
.good { --mark: var(--good); } .bad { --mark: var(--bad); } .neutral { --mark: var(--neutral); }
h2 { margin: 1.25rem 0 .4rem; font-size: 1.0625rem; }
p, dl { margin: 0 0 .75rem; }
dt { font-weight: 600; }
dd { margin: 0 0 .6rem; }
footer { margin-top: 1.25rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--dim); font-size: .875rem; }
footer p { margin: 0; }
`;
}

/** The properties of one ground; the tests hold each ink against it. */
export function colors(ground: 'light' | 'dark', brandColor: string): string {
  const named = { ...inks[ground], paper: paper[ground], ground: grounds[ground], brand: brandColor };
  return Object.entries(named)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');
}
