/**
 * The frame of the simulator's HTML pages: one style sheet, no script, nothing loaded from elsewhere.
 *
 * Their policy names no `form-action`: browsers would apply it to the redirect that follows the form, which leads to
 * the client and from there wherever it sends its user.
 */
import { createHash } from 'node:crypto';

/** A value that goes into a page only by way of `html`. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A template that escapes what is put into it, except markup and lists of markup. */
export function html(strings: TemplateStringsArray, ...values: (string | Markup | Markup[])[]): Markup {
  const texts = values.map((value) => (typeof value === 'string' ? escapeText(value) : textOf(value)));
  return new Markup(String.raw({ raw: strings }, ...texts));
}

export function page(title: string, content: Markup, status = 200): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(styleSheet)}</style>
</head>
<body>
<header>Salesforce simulator <span>not Salesforce: no password is asked for</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return new Response(document.text, { status, headers: pageHeaders });
}

function textOf(value: Markup | Markup[]): string {
  return Array.isArray(value) ? value.map((markup) => markup.text).join('\n') : value.text;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const styleSheet = `
:root { color-scheme: light dark; --ground: #f3f5f9; --card: #fff; --ink: #16243b; --dim: #56657d; --line: #cfd7e3; --main: #0b5cab; --on-main: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #10161f; --card: #19222f; --ink: #e8eef7; --dim: #a3b1c6; --line: #35435a; --main: #7cc0ff; --on-main: #08233e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--card); font-weight: 600; }
header span { color: var(--dim); font-weight: 400; margin-left: .5rem; }
main { max-width: 34rem; margin: 2rem auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
p, ul { margin: 0 0 1rem; }
code { overflow-wrap: anywhere; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; padding: .5rem 1rem .75rem; }
legend { font-weight: 600; padding: 0 .35rem; }
label { display: flex; gap: .6rem; align-items: baseline; padding: .35rem 0; cursor: pointer; }
label small { color: var(--dim); overflow-wrap: anywhere; }
input:disabled + span { opacity: .6; }
.actions { display: flex; gap: .75rem; }
button { font: inherit; font-weight: 600; padding: .55rem 1.5rem; border-radius: .5rem; border: 1px solid var(--main); background: transparent; color: var(--main); cursor: pointer; }
button.main { background: var(--main); color: var(--on-main); }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
`;

const pageHeaders: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(styleSheet).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`,
  // Not "no-referrer": a browser would send the form with "Origin: null".
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};
