/** A person at a browser of his own, with everything recorded that the browser sends and complains of. */
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request, Response } from 'playwright-core';

export interface Sent {
  readonly method: string;
  readonly url: string;
  /** `document`, `image`, `script` … */
  readonly type: string;
  readonly referer: string | undefined;
}

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Every request so far, redirects and all. */
  sent(): Promise<readonly Sent[]>;
  /** What the content security policy has kept from happening, and errors of the page. */
  complaints(): Promise<readonly string[]>;
  /** The answer to the newest navigation. */
  document(): Promise<Response>;
}

const actionTimeoutMs = 10_000;

export async function newPerson(browser: Browser, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(actionTimeoutMs);
  const sent: Promise<Sent>[] = [];
  const complaints: string[] = [];
  let newest: Response | undefined;
  context.on('request', (request) => {
    const one = sentOf(request);
    // A page that still asks when its context closes: only `sent()` shall fail by it.
    one.catch(() => {});
    sent.push(one);
  });
  context.on('response', (response) => {
    if (response.request().isNavigationRequest()) newest = response;
  });
  context.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  await context.addInitScript(() => {
    const found: string[] = [];
    Object.assign(window, { violations: found });
    document.addEventListener('securitypolicyviolation', (event) => {
      found.push(`${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  return {
    page,
    context,
    sent: () => Promise.all(sent),
    complaints: async () => [...complaints, ...((await page.evaluate('window.violations ?? []')) as string[])],
    async document() {
      await page.waitForLoadState('load');
      if (newest === undefined) throw new Error('Nothing was opened yet.');
      return newest;
    },
  };
}

async function sentOf(request: Request): Promise<Sent> {
  const { referer } = await request.allHeaders();
  return { method: request.method(), url: request.url(), type: request.resourceType(), referer };
}
