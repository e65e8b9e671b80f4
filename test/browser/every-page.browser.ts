/** Every page that a customer may see, as the handlers' stack serves it, in the deployer's name and without. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { HttpResponse } from '../../functions/core/http.ts';
import { everyPage } from '../functions/handlers/every-page.ts';
import { launchChromium } from './chromium.ts';
import { judgePage } from './judge-page.ts';
import { type PageServer, servePages } from './page-server.ts';
import { newPerson } from './person.ts';

const brand = { name: 'Acme Sync', color: '#0b5cab', colorDark: '#7cc0ff', contact: 'help@acme.example' };
/** As long as it may be, and without a space to break at. */
const longBrand = { name: 'W'.repeat(60), contact: `${'w'.repeat(100)}@acme.example` };

const sabotaged: HttpResponse = {
  kind: 'page',
  status: 200,
  html: `<!doctype html><html><head><title>Sabotaged</title></head><body><main><h1>Sabotaged</h1>
<p style="color: #eee; font-size: 16px">Not to be read</p><div style="width: 900px">wide</div>
<a href="https://elsewhere.example/">away</a><img src="/picture.png"><script>document.title = 'ran'</script>
</main></body></html>`,
};

describe('every page in Chromium', { concurrency: false }, () => {
  let browser: Browser;
  let server: PageServer;
  const pages: Record<string, HttpResponse> = {};

  before(async () => {
    const named = async (prefix: string, of: Promise<Record<string, HttpResponse>>) =>
      Object.assign(pages, Object.fromEntries(Object.entries(await of).map(([name, page]) => [prefix + name, page])));
    await named('', everyPage(brand));
    pages['plain-connected'] = (await everyPage()).connected as HttpResponse;
    pages['plain-wrong_org'] = (await everyPage()).wrong_org as HttpResponse;
    pages['long-app_misconfigured'] = (await everyPage(longBrand)).app_misconfigured as HttpResponse;
    browser = await launchChromium();
    server = await servePages({ ...pages, sabotaged });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('can be read on a phone and a desk, in light and dark, in large letters and by ear', async () => {
    const { page, context } = await newPerson(browser, { bypassCSP: true });
    const findings: string[] = [];
    for (const name of Object.keys(pages)) {
      await page.goto(server.urlOf(name));
      findings.push(...(await judgePage(page)).map((finding) => `${name}: ${finding}`));
    }
    await context.close();
    assert.deepEqual(findings, []);
    assert.ok(Object.keys(pages).length > 35);
  });

  it('loads nothing and breaks no content security policy', async () => {
    const person = await newPerson(browser);
    for (const name of Object.keys(pages)) {
      await person.page.goto(server.urlOf(name));
      // Its style is the one that the policy names: without it the heading would be twice as large as the text.
      const size = await person.page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize");
      assert.equal(size, '22.4px', name);
      assert.deepEqual(await person.complaints(), [], name);
    }
    const types = (await person.sent()).map(({ type }) => type);
    assert.deepEqual(
      types,
      Object.keys(pages).map(() => 'document'),
    );
    await person.context.close();
  });

  it('is told apart from a page that has all of that wrong', async () => {
    const judged = await newPerson(browser, { bypassCSP: true });
    await judged.page.goto(server.urlOf('sabotaged'));
    const findings = (await judgePage(judged.page)).join('\n');
    for (const finding of [
      'html-has-lang',
      'color-contrast',
      'image-alt',
      '900 px wide|over the right edge',
      '<a> can',
      'letters stay at 16 px',
    ]) {
      assert.match(findings, new RegExp(finding), finding);
    }
    await judged.context.close();

    const person = await newPerson(browser);
    await person.page.goto(server.urlOf('sabotaged'));
    const complaints = (await person.complaints()).join('\n');
    for (const directive of ['style-src-attr', 'img-src', 'script-src-elem'])
      assert.match(complaints, new RegExp(directive));
    assert.equal(await person.page.title(), 'Sabotaged');
    await person.context.close();
  });
});
