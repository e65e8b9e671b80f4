/**
 * The frame of a page for the person at the browser: what happened, what it means, what to do next and who.
 *
 * No script, no form, no link and nothing loaded, so no secret of the address is carried along; the one style is named
 * by hash in the content security policy. It does not load itself again: that would take the page from under a person
 * who reads slowly or hears it read (WCAG 2.2, 2.2.1).
 */
import type { Brand } from '../core/brand.ts';
import type { HttpResponse } from '../core/http.ts';
import { pageStyle } from './page-style.ts';

/** Who must act: the person at the browser, the Salesforce administrator of his organization, or the deployer. */
export type Actor = 'you' | 'administrator' | 'operator';

export interface Step {
  readonly who: Actor;
  readonly text: string;
}

/** All of it plain text. */
export interface PageText {
  /** What happened. */
  readonly title: string;
  /** What it means, and what was spent at Salesforce. */
  readonly paragraphs: readonly string[];
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly steps?: readonly Step[];
  /** Of the error, so that support can ask for it. */
  readonly code?: string;
}

export function page(status: number, text: PageText, brand?: Brand): HttpResponse {
  const title = brand === undefined ? text.title : `${text.title} – ${brand.name}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${pageStyle(brand)}</style>
</head>
<body>
<main class="${text.tone}">
${[
  brandLine(brand),
  heading(text),
  ...text.paragraphs.map(paragraph),
  steps(text.steps ?? [], brand),
  footer(text, brand),
]
  .filter((part) => part !== '')
  .join('\n')}
</main>
</body>
</html>
`;
  return { kind: 'page', status, html };
}

const marks = { good: '✓', bad: '!', neutral: '…' } as const;

function heading({ title, tone }: PageText): string {
  return `<h1><span aria-hidden="true">${marks[tone]}</span>${escapeHtml(title)}</h1>`;
}

function brandLine(brand: Brand | undefined): string {
  return brand === undefined ? '' : `<p class="brand">${escapeHtml(brand.name)}</p>`;
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function steps(all: readonly Step[], brand: Brand | undefined): string {
  if (all.length === 0) return '';
  const names: Readonly<Record<Actor, string>> = {
    you: 'You',
    administrator: 'Your Salesforce administrator',
    operator: brand?.name ?? 'The people who sent you the link',
  };
  const entries = all.map(({ who, text }, index) => {
    // One after the other of the same person stand under one name.
    const name = all[index - 1]?.who === who ? '' : `<dt>${escapeHtml(names[who])}</dt>\n`;
    return `${name}<dd>${escapeHtml(text)}</dd>`;
  });
  return `<h2>What to do next</h2>\n<dl>\n${entries.join('\n')}\n</dl>`;
}

function footer({ code }: PageText, brand: Brand | undefined): string {
  const lines = [
    ...(brand?.contact === undefined ? [] : [`Questions? ${brand.name}: ${brand.contact}`]),
    ...(code === undefined ? [] : [`Code for support: ${code}`]),
  ];
  return lines.length === 0 ? '' : `<footer>\n${lines.map(paragraph).join('\n')}\n</footer>`;
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
