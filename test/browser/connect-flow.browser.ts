/** A customer's way through the connect flow, by the simulator's pages and without any script, to each of its ends. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { org, otherOrg, otherUser, user } from '../support/flow.ts';
import { launchChromium } from './chromium.ts';
import { startWorld, type World } from './connect-world.ts';
import { type Expected, examine, heading } from './examine.ts';
import { newPerson, type Person } from './person.ts';

const lifetimeMs = 15 * 60_000;

describe('the connect flow in Chromium, without scripts', { concurrency: false }, () => {
  let browser: Browser;
  let world: World;
  const people: Person[] = [];

  before(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    await Promise.all(people.splice(0).map(({ context }) => context.close()));
    await world.close();
  });
  after(() => browser?.close());

  async function person(): Promise<Person> {
    const someone = await newPerson(browser, { javaScriptEnabled: false });
    people.push(someone);
    return someone;
  }

  /** Opens a new session's link; on Salesforce's page then, if Salesforce asks. */
  async function opened(order?: Record<string, unknown>): Promise<Person> {
    const someone = await person();
    const { connectUrl } = await world.begin(order);
    await someone.page.goto(connectUrl);
    return someone;
  }

  async function ended(order: Record<string, unknown>, username: string, decision: 'Allow' | 'Deny' = 'Allow') {
    const someone = await opened(order);
    await world.decide(someone, decision, username);
    return someone;
  }

  const liveGrants = () => world.flow.simulator.books.liveGrants().length;

  it('connected: once allowed, and whoever loads the page again spends nothing', async () => {
    const someone = await ended({}, user);
    await examine(browser, someone, {
      status: 200,
      title: 'Salesforce is connected',
      says: /You can close this window/,
      shots: [{ file: 'connected' }, { file: 'connected-phone', width: 320 }],
    });
    assert.equal(liveGrants(), 1);
  });

  it('denied: says that it was denied, and gives the administrator his part', async () => {
    await examine(browser, await ended({}, user, 'Deny'), {
      status: 400,
      title: 'Access was not allowed',
      code: 'access_denied',
      says: /no Salesforce authorization was used up/,
      shots: [{ file: 'denied' }],
    });
    assert.equal(liveGrants(), 0);
  });

  it('wrong org: names the expected and the actual one, and gives the surplus grant back', async () => {
    await examine(browser, await ended({ expected_org_id: otherOrg.id }, otherUser), {
      status: 400,
      title: 'You logged in to another Salesforce organization',
      code: 'wrong_org',
      says: new RegExp(`${org.id}.*expected was ${otherOrg.id}`),
      shots: [{ file: 'wrong-org' }, { file: 'wrong-org-dark', colorScheme: 'dark' }],
    });
    assert.equal(liveGrants(), 0);
  });

  const atSalesforce: Readonly<Record<string, Expected>> = {
    'app not installed': {
      status: 400,
      title: 'The app is not installed in your Salesforce',
      code: 'OAUTH_EC_APP_NOT_FOUND',
      says: /Your Salesforce administrator/,
      shots: [{ file: 'app-not-installed' }],
    },
    'no new users': {
      status: 400,
      title: 'Your Salesforce takes no new users of this app',
      code: 'OAUTH_AUTHORIZATION_BLOCKED',
    },
    'blocked by the administrator': {
      status: 400,
      title: 'Your Salesforce administrator has blocked this app',
      code: 'OAUTH_APP_BLOCKED',
    },
    'not approved for the app': {
      status: 400,
      title: 'You are not approved for this app in Salesforce',
      code: 'OAUTH_APP_ACCESS_DENIED',
    },
  };
  for (const [name, expected] of Object.entries(atSalesforce)) {
    it(`${name}: sends the person to the administrator`, async () => {
      world.flow.simulator.switches.callbackError = expected.code ?? '';
      await examine(browser, await opened(), expected);
    });
  }

  const expired: Expected = {
    status: 410,
    title: 'This link has expired',
    code: 'expired',
    says: /good for 15 minutes/,
    shots: [{ file: 'expired' }],
  };

  it('expired: a link that is opened too late', async () => {
    const { connectUrl } = await world.begin();
    world.flow.clock.advance(lifetimeMs);
    const someone = await person();
    await someone.page.goto(connectUrl);
    await examine(browser, someone, expired);
  });

  it('expired: a link whose user came back from Salesforce too late', async () => {
    const someone = await opened();
    world.flow.clock.advance(lifetimeMs);
    await world.decide(someone, 'Allow', user);
    await examine(browser, someone, { ...expired, shots: [] });
    assert.equal(liveGrants(), 0, 'the code was not sent');
  });

  it('our fault: a client secret that was never set, found before anything is spent', async () => {
    await examine(browser, await ended({ app: 'crm-unset' }, user), {
      status: 503,
      title: 'This does not work, and it is our fault',
      code: 'app_misconfigured',
      says: /In Salesforce you need change nothing/,
      shots: [{ file: 'our-fault' }],
    });
    assert.equal(liveGrants(), 0);
  });

  it('our fault: Salesforce refuses our client secret', async () => {
    world.flow.simulator.switches.nextErrors = [
      { endpoint: 'token', error: 'invalid_client', error_description: 'invalid client credentials' },
    ];
    await examine(browser, await ended({}, user), {
      status: 503,
      title: 'This does not work, and it is our fault',
      code: 'app_misconfigured',
    });
  });

  it('authorized: who opens the link again reads that the product must confirm, and later that it did not', async () => {
    const someone = await person();
    const { connectUrl } = await world.begin({ app: 'crm-claimed', return_to: world.product.url });
    await someone.page.goto(connectUrl);
    await world.decide(someone, 'Allow', user);
    await someone.page.goto(connectUrl);
    await examine(browser, someone, {
      status: 200,
      title: 'Allowed in Salesforce, not yet confirmed',
      says: /If somebody else sent you the link and you did not expect it, do nothing/,
    });
    world.flow.clock.advance(lifetimeMs);
    await someone.page.reload();
    await examine(browser, someone, {
      status: 400,
      title: 'The connection was not confirmed in time',
      code: 'unclaimed',
      says: /given back to Salesforce/,
    });
    assert.equal(liveGrants(), 1);
    // The first round gives the connection up, the next revokes its grant.
    for (let round = 0; round < 2; round += 1) {
      world.flow.clock.advance(60_000);
      await world.flow.stack.tick();
    }
    assert.equal(liveGrants(), 0, 'as the page says');
  });

  it('signed in: says that no access was kept', async () => {
    await examine(browser, await ended({ app: 'crm-login' }, user), {
      status: 200,
      title: 'You are signed in with Salesforce',
      says: /No access to your data was kept/,
    });
    assert.equal(liveGrants(), 0);
  });

  it('lost: the answer to the exchange never came', async () => {
    world.flow.simulator.switches.resetAfterProcessing = true;
    await examine(browser, await ended({}, user), {
      status: 400,
      title: 'The answer from Salesforce was lost',
      code: 'lost_response',
      says: /may have counted an authorization/,
    });
  });

  it('unknown: a link that was cut off on its way', async () => {
    const { connectUrl } = await world.begin();
    const someone = await person();
    await someone.page.goto(connectUrl.slice(0, -5));
    await examine(browser, someone, { status: 404, title: 'This link is not known here', code: 'unknown_link' });
  });

  it('foreign: the link was begun in one browser and finished in another', async () => {
    const [first, second] = [await opened(), await person()];
    await second.page.goto(first.page.url());
    await world.decide(second, 'Allow', user);
    await examine(browser, second, {
      status: 403,
      title: 'This is not the browser that began',
      code: 'foreign_browser',
    });
    assert.equal(liveGrants(), 0);
  });

  it('outdated: opened again after somebody else had opened it, and the older window goes on', async () => {
    const [someone, scanner] = [await person(), await person()];
    const { connectUrl } = await world.begin();
    await someone.page.goto(connectUrl);
    await scanner.page.goto(connectUrl);
    const newer = await someone.context.newPage();
    await newer.goto(connectUrl);
    await world.decide(someone, 'Allow', user);
    await examine(browser, someone, { status: 409, title: 'The link was opened again since', code: 'outdated_state' });
    // The newer one still counts.
    await world.decide({ ...someone, page: newer }, 'Allow', user);
    assert.equal(await heading(newer), 'Salesforce is connected');
  });

  it('back at the product: with the outcome in the query, and no word of where the person came from', async () => {
    const { product } = world;
    const someone = await opened({ return_to: product.url });
    await world.decide(someone, 'Allow', user);
    await someone.document();
    const visit = product.visits.at(-1);
    assert.deepEqual([...(visit?.url.searchParams.keys() ?? [])].sort(), ['connect_session', 'status']);
    assert.equal(visit?.url.searchParams.get('status'), 'connected');
    assert.equal(visit?.headers.referer, undefined);
    assert.equal(visit?.headers.cookie, undefined);
  });

  it('back at a product that must claim: with the claim, and status authorized', async () => {
    const { product } = world;
    const someone = await opened({ app: 'crm-claimed', return_to: product.url });
    await world.decide(someone, 'Allow', user);
    await someone.document();
    const { searchParams } = product.visits.at(-1)?.url ?? new URL('about:blank');
    assert.equal(searchParams.get('status'), 'authorized');
    assert.ok((searchParams.get('claim') ?? '').length >= 43);
  });

  it('a link that something had put into our page would still not tell its address', async () => {
    const { product } = world;
    const someone = await ended({}, user);
    const following = await newPerson(browser, { storageState: await someone.context.storageState() });
    people.push(following);
    const follow = async () => {
      await following.page.evaluate((href) => {
        const link = Object.assign(document.createElement('a'), { href });
        document.body.append(link);
        link.click();
      }, product.url);
      await following.page.waitForURL(product.url);
      return product.visits.at(-1)?.headers.referer;
    };
    await following.page.goto(someone.page.url());
    assert.equal(await follow(), undefined);
    // From the product's own page, whose policy is to tell, it is told: so it would have been seen.
    await following.page.goto(`${product.url}?from=here`);
    assert.equal(await follow(), `${product.url}?from=here`);
  });
});
