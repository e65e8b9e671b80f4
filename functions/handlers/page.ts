/**
 * A page for the person at the browser: says what happened and what to do next. No script, no form, no link that
 * could carry a secret along; its one style is named by hash in the content security policy.
 */
import type { HttpResponse } from '../core/http.ts';

export interface PageText {
  readonly title: string;
  /** Plain text. */
  readonly paragraphs: readonly string[];
  readonly tone: 'good' | 'bad' | 'neutral';
  /** Asks the browser to load this very page again. */
  readonly reloadAfterSeconds?: number;
}

const style = `
:root { color-scheme: light dark; --ink: #1d2733; --paper: #ffffff; --ground: #eef1f5; --mark: #5b6b7d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --paper: #1b232d; --ground: #10161d; --mark: #9aabbd; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; }
main { box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 1rem; padding: 1.75rem 2rem; background: var(--paper);
  border-top: .3rem solid var(--mark); border-radius: .4rem; box-shadow: 0 1px 6px rgb(0 0 0 / .15); overflow-wrap: anywhere; }
main.good { border-top-color: #1f7a3d; }
main.bad { border-top-color: #b3261e; }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0 0 .75rem; }
`;

export function page(status: number, { title, paragraphs, tone, reloadAfterSeconds }: PageText): HttpResponse {
  const reload =
    reloadAfterSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${Number(reloadAfterSeconds)}">`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${reload}<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main class="${tone}">
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
</main>
</body>
</html>
`;
  return { kind: 'page', status, html };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
