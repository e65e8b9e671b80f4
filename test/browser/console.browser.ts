/** The local console, as whoever runs `npm start` sees it: while an org dies, and by keyboard. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { acme, type ConsoleWorld, initech, letInitechDie, startConsoleWorld } from './console-world.ts';
import { judgeLooks } from './judge-page.ts';
import { takeScreenshots } from './screenshot.ts';

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

const open = '1 incident is open, 8 connections wait for a person.';

describe('the local console in Chromium while an org dies', { concurrency: false }, () => {
  let world: ConsoleWorld;
  before(async () => {
    world = await startConsoleWorld(browser);
    await letInitechDie(world);
  });
  after(() => world?.close());

  it('shows the one spike with its numbers, its cause and what to do, though one token only was used', async () => {
    assert.deepEqual(
      world.flow.stack.alerts().map(({ type }) => type),
      ['invalid_grant_spike'],
    );
    const { page, section } = await world.person();
    const incidents = section('Incidents');
    await incidents.getByText(open).waitFor();
    const [spike, ...others] = await incidents
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading') })
      .all();
    assert.deepEqual(others, []);
    const text = (await spike?.textContent()) ?? '';
    assert.match(text, /^Open invalid_grant_spikecrm · Initech Supplies · 00D\w+ since /);
    assert.match(text, /8 failed · 8 tried/);
    assert.match(text, /Cause: org_wide_revocation\. To do: Ask the org's Salesforce administrator/);
  });

  it('draws what was refreshed, what failed and what died, in the plot of that org only', async () => {
    const { plotOf } = await world.person();
    await plotOf(initech).waitFor();
    const drawn = (org: typeof initech) =>
      Promise.all(['refreshed', 'failed', 'died', 'opened'].map((kind) => plotOf(org).locator(`.${kind}`).count()));
    const [refreshed = 0, failed = 0, died = 0, opened] = await drawn(initech);
    assert.ok(refreshed > 2 && failed > 0 && died > 0, `${[refreshed, failed, died]}`);
    assert.equal(opened, 1);
    const [refreshedThere = 0, ...otherThere] = await drawn(acme);
    assert.ok(refreshedThere > 2);
    assert.deepEqual(otherThere, [0, 0, 0]);
    const heard = (await plotOf(initech).locator('desc').textContent()) ?? '';
    assert.match(heard, /^\d+ refreshed, 8 failed, 8 died in the last hour\. An incident opened at /);
  });

  it('has the same numbers as a table, which stays open when it is drawn again', async () => {
    const { page } = await world.person();
    await page.getByText(`The numbers of ${initech.name}`).click();
    const table = page.locator('#plots figure', { hasText: initech.name }).getByRole('table');
    await table.waitFor();
    const died = await table.locator('tbody td:last-child').allTextContents();
    assert.equal(
      died.reduce((sum, count) => sum + Number(count), 0),
      8,
    );
    await page.evaluate("document.querySelector('#plots figure').setAttribute('data-old', '')");
    await world.minutes(1);
    await page.waitForFunction("document.querySelector('#plots figure:not([data-old])') !== null");
    assert.ok(await table.isVisible());
  });

  it('names each dead connection with its diagnosis, and the org comes first', async () => {
    const { section } = await world.person();
    const ill = section('Connections that need a person');
    await ill.getByText(initech.users[0]?.username ?? '', { exact: true }).waitFor();
    assert.equal(await ill.getByRole('listitem').count(), 8);
    const text = (await ill.getByRole('listitem').first().textContent()) ?? '';
    assert.match(text, /reauthorization_required since/);
    assert.match(text, /Cause: org_wide_revocation \(likely\)\. \S+/);
    assert.match(text, /To do: Its org has an open incident: do first what that says\./);
  });

  it('links the page of the cause', async () => {
    const { section } = await world.person();
    const link = section('Incidents').getByRole('link', { name: 'org_wide_revocation' });
    const address = new URL((await link.getAttribute('href')) ?? '', world.flow.stack.url);
    const answer = await fetch(address);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    assert.match(await answer.text(), /^# org_wide_revocation\n/);
    for (const other of ['README.md', 'nothing.md', '..%2Falerts.md']) {
      assert.equal((await fetch(new URL(other, address))).status, 404, other);
    }
  });

  it('can be read on a phone and a desk, in light and dark, in large letters and by ear', async () => {
    const { page, section } = await world.person({ bypassCSP: true });
    await section('Incidents').getByText(open).waitFor();
    assert.deepEqual(await judgeLooks(page), []);
    await takeScreenshots(page, [{ file: 'console', width: 1100, height: 1330 }]);
  });

  it('breaks no content security policy, and loads nothing from elsewhere', async () => {
    const { complaints, sent, section } = await world.person();
    await section('Incidents').getByText(open).waitFor();
    assert.deepEqual(await complaints(), []);
    for (const { url } of await sent()) assert.equal(new URL(url).origin, world.flow.stack.url);
  });
});

describe('the buttons of the local console in Chromium', { concurrency: false }, () => {
  let world: ConsoleWorld;
  beforeEach(async () => {
    world = await startConsoleWorld(browser);
  });
  afterEach(() => world?.close());

  const connected = `${initech.name}: 8 connected, 0 had been, 0 could not be.`;

  it('are beside nothing that needs a person, before anybody is connected', async () => {
    const { page, section } = await world.person();
    await section('Incidents').getByText('Nothing needs a person.').waitFor();
    await section('Refreshes by org').getByText('No org yet: connect a user.').waitFor();
    assert.equal(await page.getByRole('img').count(), 0);
  });

  it('let an org die by keyboard alone, and the focus stays where it was', async () => {
    const { page, tabTo, focused } = await world.person();
    const press = async (name: string) => {
      await tabTo(`${name} (${initech.name})`);
      await page.keyboard.press('Enter');
    };
    await press('Connect its users');
    await page.getByText(connected).waitFor();
    await page.getByText(`${initech.id} · active · 8 live grants`).waitFor();
    await press('Revoke all grants');
    await page.getByText('All grants of the org are revoked.').waitFor();
    await page.getByText(`${initech.id} · active · 0 live grants`).waitFor();
    assert.deepEqual(world.flow.simulator.books.liveGrants({ orgId: initech.id }), []);
    assert.equal(await focused(), `Revoke all grants (${initech.name})`);
    await press('Use one token');
    const refused = 'Salesforce answered 401, and Grantkeeper, told so, reauthorization_required';
    await world.through(page.getByText(refused).waitFor());
    assert.equal(await focused(), `Use one token (${initech.name})`);
  });

  it('mend it: the users authorize again, the incident is over, and nothing needs a person', async () => {
    await world.act('connect-users', initech.id);
    await world.act('revoke-org', initech.id);
    await world.through(world.act('use-token', initech.id));
    await world.minutes(5);
    const { page, section, button } = await world.person();
    await section('Incidents').getByText(open).waitFor();
    await button('Connect its users', initech).click();
    await page.getByText(connected).waitFor();
    await world.minutes(20);
    await section('Incidents').getByText('Nothing needs a person.').waitFor();
    const spike = section('Incidents')
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading') });
    assert.match((await spike.textContent()) ?? '', /^Over invalid_grant_spike/);
    await section('Connections that need a person').getByText('None: all that are connected work.').waitFor();
  });
});
