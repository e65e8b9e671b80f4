/** What holds for every page at which a person may end, whatever the way that led there. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { judgePage } from './judge-page.ts';
import { newPerson, type Person } from './person.ts';
import { type Shot, takeScreenshots } from './screenshot.ts';

export interface Expected {
  readonly status: number;
  readonly title: string;
  /** The error's, shown for support. */
  readonly code?: string;
  readonly says?: RegExp;
  readonly shots?: readonly Shot[];
}

export async function examine(browser: Browser, person: Person, expected: Expected): Promise<void> {
  await assertPage(person, expected);
  await assertNoSecret(person);
  await assertSent(person);
  const { page, context } = person;
  const storageState = await context.storageState();
  const url = page.url();

  const strict = await newPerson(browser, { storageState });
  await strict.page.goto(url);
  await assertPage(strict, expected);
  assert.deepEqual(await strict.complaints(), []);
  assert.deepEqual(
    (await strict.sent()).map(({ type }) => type),
    ['document'],
    'loading it again sends nothing else',
  );
  await strict.context.close();

  const judged = await newPerson(browser, { storageState, bypassCSP: true });
  await judged.page.goto(url);
  assert.deepEqual(await judgePage(judged.page), []);
  await takeScreenshots(judged.page, expected.shots ?? []);
  await judged.context.close();
}

async function assertPage(person: Person, { status, title, code, says }: Expected): Promise<void> {
  const { page } = person;
  const answer = await person.document();
  assert.equal(await heading(page), title);
  assert.equal(answer.status(), status);
  assert.equal(await page.title(), `${title} – Acme Sync`);
  const text = (await page.getByRole('main').textContent()) ?? '';
  assert.equal(/Code for support: (\S+)/.exec(text)?.[1], code);
  if (says !== undefined) assert.match(text, says);
  const headers = await answer.allHeaders();
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers.refresh, undefined);
  assert.match(
    headers['content-security-policy'] ?? '',
    /^default-src 'none'; style-src 'sha256-[^' ]+'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
  );
}

/** The one first heading, as it is read out: without the mark beside it. */
export async function heading(page: Page): Promise<string> {
  const said = await page.getByRole('heading', { level: 1 }).ariaSnapshot();
  return /^- heading "(.*)" \[level=1\]$/.exec(said)?.[1] ?? said;
}

/** No code, state, link secret, cookie or token stands in the page. */
async function assertNoSecret(person: Person): Promise<void> {
  const html = await person.page.content();
  for (const secret of await secretsOf(person)) assert.ok(!html.includes(secret), 'a secret stands in the page');
  assert.doesNotMatch(html, /00D\w{15}!/, 'an access token stands in the page');
}

/** Whatever of this person's way must be told to nobody. */
async function secretsOf({ context, sent }: Person): Promise<string[]> {
  const cookies = (await context.cookies()).map(({ value }) => value);
  const visited = (await sent()).map(({ url }) => new URL(url));
  const given = visited.flatMap(({ searchParams }) => ['code', 'state', 'claim'].map((name) => searchParams.get(name)));
  const links = visited.flatMap(({ pathname }) => /^\/connect\/(.+)$/.exec(pathname)?.[1] ?? []);
  return [...cookies, ...given, ...links].filter((secret) => secret !== null && secret.length > 0) as string[];
}

/** Only documents were asked for, and no address with a secret was told to another host, nor any to us. */
async function assertSent(person: Person): Promise<void> {
  const here = new URL(person.page.url()).origin;
  for (const { type, url, referer } of await person.sent()) {
    const { origin } = new URL(url);
    assert.equal(type, 'document', url);
    // Salesforce's own page may tell Salesforce its own address.
    if (referer !== undefined) assert.equal(new URL(referer).origin, origin, `${url} was told ${referer}`);
    if (origin === here) assert.equal(referer, undefined, `our side was told ${referer}`);
  }
}
