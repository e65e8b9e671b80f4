import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownAuthorizationErrors } from '../../../functions/core/authorization-error.ts';
import { type Brand, contrastOf, leastContrast } from '../../../functions/core/brand.ts';
import { KeysUnavailableError, StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { HttpResponse } from '../../../functions/core/http.ts';
import { failureWords, worded } from '../../../functions/handlers/failure-words.ts';
import { colors } from '../../../functions/handlers/page-style.ts';
import { createPages } from '../../../functions/handlers/pages.ts';
import { errorOf, everyPage, expectedOrg, failed, foundOrg, now } from './every-page.ts';

const brand: Brand = { name: 'Acme <Sync> & Co', color: '#0b5cab', colorDark: '#7cc0ff', contact: 'help@acme.example' };

function htmlOf(response: HttpResponse | undefined): string {
  assert.equal(response?.kind, 'page');
  return response.html;
}

function titleOf(response: HttpResponse | undefined): string {
  return /<h1>.*?<\/span>(.*?)<\/h1>/.exec(htmlOf(response))?.[1] ?? '';
}

const every = await everyPage();
const branded = await everyPage(brand);

describe('each page', () => {
  it('says in a title of its own what happened', () => {
    const sharing: Readonly<Record<string, string>> = {
      // Two ways into one thing, told apart by what they say of it.
      claimed: 'exchanging',
      foreign_instance: 'foreign_identity',
      invalid_scope: 'invalid_request',
    };
    const titles = new Map<string, string>();
    for (const [name, response] of Object.entries(every)) {
      const title = titleOf(response);
      assert.ok(title.length > 5, name);
      const happened = sharing[name] ?? name;
      assert.equal(titles.get(title) ?? happened, happened, title);
      titles.set(title, happened);
      assert.ok(htmlOf(response).includes(`<title>${title}</title>`), name);
    }
  });

  it('says what it means, what to do next and who', () => {
    for (const [name, response] of Object.entries(every)) {
      const html = htmlOf(response);
      assert.match(html, /<p>[^<]{20,}<\/p>/, name);
      assert.match(html, /<h2>What to do next<\/h2>\n<dl>\n<dt>/, name);
    }
  });

  it('names whom it asks once for all that he is to do in a row', () => {
    const names = (name: string) => [...htmlOf(every[name]).matchAll(/<dt>(.*?)<\/dt>/g)].map(([, who]) => who);
    assert.deepEqual(names('wrong_org'), ['You']);
    assert.equal(htmlOf(every.wrong_org).match(/<dd>/g)?.length, 2);
    assert.deepEqual(names('access_denied'), ['You', 'Your Salesforce administrator']);
  });

  it('loads, links, submits and runs nothing, and never loads itself again', () => {
    for (const [name, response] of Object.entries(branded)) {
      const html = htmlOf(response);
      assert.doesNotMatch(html, /<(a|img|script|form|link|iframe|object|base|svg|input|button)\b/i, name);
      assert.doesNotMatch(html, /http-equiv|url\(|@import|https?:|\s(href|src|style|on\w+)=/i, name);
      assert.equal(html.match(/<style>/g)?.length, 1, name);
    }
  });

  it('has a language, one first heading, one main part, and fits the width of the window', () => {
    for (const [name, response] of Object.entries(every)) {
      const html = htmlOf(response);
      assert.match(html, /^<!doctype html>\n<html lang="en">/, name);
      assert.equal(html.match(/<h1>/g)?.length, 1, name);
      assert.equal(html.match(/<main /g)?.length, 1, name);
      assert.match(html, /content="width=device-width, initial-scale=1"/, name);
    }
  });

  it('says in the same words what the unbranded one says', () => {
    const said = (response: HttpResponse | undefined) => /<h1>[\s\S]*<h2>/.exec(htmlOf(response))?.[0];
    for (const [name, response] of Object.entries(every)) assert.equal(said(response), said(branded[name]), name);
  });
});

describe('the status of a page', () => {
  it('tells a success, a dead end and a fault of ours apart', () => {
    const statuses = Object.fromEntries(
      Object.entries(every).map(([name, response]) => [name, response.kind === 'page' ? response.status : undefined]),
    );
    const others: Readonly<Record<string, number>> = {
      connected: 200,
      signed_in: 200,
      authorized: 200,
      claimed: 200,
      exchanging: 200,
      expired: 410,
      not_in_configuration: 503,
      app_misconfigured: 503,
      unavailable: 503,
      unknown_link: 404,
      foreign_browser: 403,
      outdated_state: 409,
    };
    for (const [name, status] of Object.entries(statuses)) assert.equal(status, others[name] ?? 400, name);
  });
});

describe('the page of a failed session', () => {
  it('has words of its own for every error that Salesforce sends to the callback', () => {
    for (const code of knownAuthorizationErrors) assert.ok(worded.includes(code), code);
    // Every other one is made by the core, and must not be of this test's own making.
    for (const code of worded.filter((code) => !['unclaimed', ...madeByFlows].includes(code))) {
      assert.doesNotMatch(errorOf(code).detail, /^Detail of/, code);
    }
  });

  it('shows the code for support, and on a page without an error none', () => {
    for (const code of worded) {
      assert.ok(htmlOf(every[code]).includes(`<footer>\n<p>Code for support: ${code}</p>`), code);
    }
    for (const name of ['connected', 'signed_in', 'authorized', 'exchanging']) {
      assert.doesNotMatch(htmlOf(every[name]), /Code for support|<footer/, name);
    }
  });

  it('names the orgs, the expected and the actual one', () => {
    const html = htmlOf(every.wrong_org);
    assert.ok(html.includes(foundOrg) && html.includes(expectedOrg));
    assert.match(html, /giving it back/);
    assert.match(htmlOf(every.wrong_user), /0055g00000AdaLvAAJ.*expected was 0058d00000AlnTgAAN/);
    assert.doesNotMatch(htmlOf(every.access_denied), /giving it back/);
  });

  it('sends to the administrator what only he can do, and what is our fault to us', () => {
    const blocked = ['OAUTH_EC_APP_NOT_FOUND', 'OAUTH_AUTHORIZATION_BLOCKED', 'OAUTH_APP_BLOCKED'];
    for (const code of [...blocked, 'OAUTH_APP_ACCESS_DENIED', 'inactive_org']) {
      assert.match(htmlOf(every[code]), /<dt>Your Salesforce administrator<\/dt>/, code);
      assert.doesNotMatch(htmlOf(every[code]), /<dt>The people who sent you the link<\/dt>/, code);
    }
    for (const code of ['app_misconfigured', 'wrong_signature', 'invalid_scope']) {
      assert.match(htmlOf(every[code]), /<dt>The people who sent you the link<\/dt>/, code);
      assert.doesNotMatch(htmlOf(every[code]), /<dt>Your Salesforce administrator<\/dt>/, code);
    }
  });

  it('says of an error without words of its own what the session says, escaped', () => {
    const error = { code: 'brand_new', detail: 'Found <script>alert(1)</script>.', remedy: 'Ask "them" & wait.' };
    const html = htmlOf(createPages().outcome(failed(error), now));
    assert.ok(html.includes('<p>Found &lt;script&gt;alert(1)&lt;/script&gt;.</p>'));
    assert.ok(html.includes('<dd>Ask &quot;them&quot; &amp; wait.</dd>'));
    assert.equal(failureWords({ ...error, code: 'constructor' }).title, 'Salesforce was not connected');
  });

  it('shows nothing of what Salesforce said about the code, for that is for the log', () => {
    const detail = 'Salesforce refused the code: invalid_grant: aPrxSecretCode==.';
    for (const code of ['expired_code', 'exchange_refused', 'app_misconfigured']) {
      const html = htmlOf(createPages(brand).outcome(failed({ code, detail, remedy: detail }), now));
      assert.doesNotMatch(html, /aPrxSecretCode/, code);
    }
  });
});

/** Made inside of flows, which export no constant for them. */
const madeByFlows = ['app_misconfigured', 'too_late', 'expired_code', 'exchange_refused'];

describe("the deployer's brand", () => {
  it('is named above the title, in the title, as the one to act and with the contact', () => {
    const html = htmlOf(branded.app_misconfigured);
    assert.ok(html.includes('<p class="brand">Acme &lt;Sync&gt; &amp; Co</p>'));
    assert.match(html, /<title>[^<]+ – Acme &lt;Sync&gt; &amp; Co<\/title>/);
    assert.ok(html.includes('<dt>Acme &lt;Sync&gt; &amp; Co</dt>'));
    assert.ok(html.includes('<p>Questions? Acme &lt;Sync&gt; &amp; Co: help@acme.example</p>'));
    assert.doesNotMatch(htmlOf(createPages({ name: 'Acme' }).unknownLink()), /Questions\?/);
  });

  it('colours the light and the dark page', () => {
    const html = htmlOf(branded.connected);
    assert.match(html, /:root \{[^}]*--brand: #0b5cab;/);
    assert.match(html, /prefers-color-scheme: dark\) \{ :root \{[^}]*--brand: #7cc0ff;/);
    assert.doesNotMatch(htmlOf(every.connected), /#0b5cab|#7cc0ff/);
  });

  it('is not needed: without it nobody is named', () => {
    assert.match(htmlOf(every.connected), /<title>Salesforce is connected<\/title>/);
    assert.doesNotMatch(htmlOf(every.connected), /class="brand"/);
  });
});

describe('every ink', () => {
  for (const ground of ['light', 'dark'] as const) {
    it(`can be read on the ${ground} ground`, () => {
      const brandColor = ground === 'light' ? brand.color : brand.colorDark;
      const named = [...colors(ground, brandColor ?? '').matchAll(/--(\w+): (#\w{6});/g)];
      const found = new Map(named.map(([, name = '', color = '']) => [name, color]));
      // `paper` on `good`, `bad` and `neutral` is the mark beside the title: the same two, the other way round.
      for (const ink of ['ink', 'dim', 'good', 'bad', 'neutral', 'brand']) {
        const contrast = contrastOf(found.get(ink) ?? '', found.get('paper') ?? '');
        assert.ok(contrast >= leastContrast, `${ink}: ${contrast}`);
      }
      assert.ok(contrastOf(found.get('line') ?? '', found.get('paper') ?? '') < leastContrast, 'a line is no text');
    });
  }
});

describe('while our store or our keys do not answer', () => {
  const { whileUnavailable } = createPages(brand);

  it('a browser gets a page that says so', async () => {
    for (const error of [new StoreUnavailableError('gone'), new KeysUnavailableError('gone')]) {
      const answer = await whileUnavailable(() => Promise.reject(error));
      assert.equal(answer.kind === 'page' && answer.status, 503);
      assert.match(htmlOf(answer), /our fault/);
    }
  });

  it('another failure is not taken for that, and an answer is handed through', async () => {
    await assert.rejects(
      whileUnavailable(() => Promise.reject(new TypeError('a bug'))),
      TypeError,
    );
    const answer: HttpResponse = { kind: 'no_content' };
    assert.equal(await whileUnavailable(async () => answer), answer);
  });
});
