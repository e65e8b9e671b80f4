/** The local console while an org dies: as whoever runs `npm start` sees it, by keyboard too. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { localOrgs } from '../../dev/local/local-orgs.ts';
import type { SimulatorOrg } from '../../dev/simulator/simulator.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { launchChromium } from './chromium.ts';
import { judgeLooks } from './judge-page.ts';
import { newPerson, type Person } from './person.ts';
import { takeScreenshots } from './screenshot.ts';

const minuteMs = 60_000;
const [acme, , initech] = localOrgs as [SimulatorOrg, SimulatorOrg, SimulatorOrg];
const minutesBefore = 50;

describe('the local console in Chromium', { concurrency: false }, () => {
  let browser: Browser;
  let flow: Flow;
  let person: Person;
  let page: Page;

  before(async () => {
    browser = await launchChromium();
    flow = await startFlow();
    person = await newPerson(browser);
    page = person.page;
    await page.goto(flow.stack.url);
  });
  after(async () => {
    await browser?.close();
    await flow?.close();
  });

  /** What is refused is looked at again five seconds later. */
  async function through<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(() => 'ended');
    while ((await Promise.race([ended, flow.clock.someoneWaits(5_000)])) !== 'ended') flow.clock.advance(5_000);
    return work;
  }
  async function minutes(count: number): Promise<void> {
    for (let passed = 0; passed < count; passed += 1) {
      await through(flow.stack.tick());
      flow.clock.advance(minuteMs);
    }
  }
  async function act(name: string, id: string): Promise<void> {
    const answer = await fetch(`${flow.stack.url}/local/acts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ act: name, id }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
  const plotOf = ({ name, id }: SimulatorOrg) =>
    page.getByRole('img', { name: `Refreshes of ${name} (${id}) by minute` });
  const bars = (org: SimulatorOrg, kind: string) => plotOf(org).locator(`rect.${kind}`).count();
  const button = (name: string, org: SimulatorOrg) => page.getByRole('button', { name: `${name} (${org.name})` });
  const part = (name: string) => page.getByRole('region', { name, exact: true }).first();
  /** Reaches a button as a keyboard does, from the top of the page. */
  async function tabTo(name: string): Promise<void> {
    await page.evaluate('document.activeElement?.blur()');
    for (let pressed = 0; pressed < 100; pressed += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement?.textContent')) === name) return;
    }
    assert.fail(`The keyboard does not reach "${name}".`);
  }
  const focused = () => page.evaluate('document.activeElement?.textContent');

  it('says that nothing needs a person while nothing does', async () => {
    await part('Incidents').getByText('Nothing needs a person.').waitFor();
    await page.getByText('No org yet: connect a user.').waitFor();
    assert.equal(await page.getByRole('img').count(), 0);
  });

  it('connects the users of an org by a click, and draws what is refreshed', async () => {
    flow.simulator.switches.sessionMinutes = 15;
    await button('Connect its users', initech).click();
    await page.getByText(`${initech.name}: 8 connected, 0 had been, 0 could not be.`).waitFor();
    await act('connect-users', acme.id);
    for (let passed = 0; passed < minutesBefore; passed += 1) {
      if (passed % 3 === 0) for (const org of [initech, acme]) await through(act('use-tokens', org.id));
      await minutes(1);
    }
    await plotOf(initech).waitFor();
    await page.waitForFunction(`document.querySelectorAll('#plots rect.refreshed').length > 5`);
    for (const org of [initech, acme]) {
      assert.ok((await bars(org, 'refreshed')) > 2, org.name);
      assert.deepEqual([await bars(org, 'failed'), await bars(org, 'died')], [0, 0]);
    }
  });

  it('lets an org die by keyboard alone, and the focus stays where it was', async () => {
    await tabTo(`Revoke all grants (${initech.name})`);
    await page.keyboard.press('Enter');
    await page.getByText('All grants of the org are revoked.').waitFor();
    assert.deepEqual(flow.simulator.books.liveGrants({ orgId: initech.id }), []);
    await page.getByText(`${initech.id} · active · 0 live grants`).waitFor();
    assert.equal(await focused(), `Revoke all grants (${initech.name})`);

    await tabTo(`Use one token (${initech.name})`);
    await page.keyboard.press('Enter');
    await through(
      page.getByText('Salesforce answered 401, and Grantkeeper, told so, reauthorization_required').waitFor(),
    );
    assert.equal(await focused(), `Use one token (${initech.name})`);
  });

  it('shows the spike with its cause and remedy, though one token only was used, and draws the deaths', async () => {
    await minutes(5);
    assert.deepEqual(
      flow.stack.alerts().map(({ type }) => type),
      ['invalid_grant_spike'],
    );
    const incidents = part('Incidents');
    await incidents.getByText('1 incident is open, 8 connections wait for a person.').waitFor();
    await incidents.getByText('8 failed · 8 tried').waitFor();
    const [spike, ...others] = await incidents
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading') })
      .all();
    assert.ok(spike);
    assert.deepEqual(others, []);
    const text = (await spike.textContent()) ?? '';
    assert.match(text, /^Open invalid_grant_spikecrm · Initech Supplies · 00D/);
    assert.match(text, /Cause: org_wide_revocation\. To do: Ask the org's Salesforce administrator/);
    await page.waitForFunction(`document.querySelectorAll('#plots rect.died').length > 0`);
    assert.ok((await bars(initech, 'died')) > 0);
    assert.ok((await bars(initech, 'failed')) > 0);
    assert.equal(await plotOf(initech).locator('line.opened').count(), 1);
    assert.match(
      (await plotOf(initech).locator('desc').textContent()) ?? '',
      /8 died in the last hour\. An incident opened/,
    );
    assert.deepEqual([await bars(acme, 'died'), await plotOf(acme).locator('line.opened').count()], [0, 0]);
  });

  it('has the same numbers as a table, which stays open', async () => {
    await page.getByText(`The numbers of ${initech.name}`).click();
    const table = page.locator('#plots figure', { hasText: initech.name }).getByRole('table');
    await table.waitFor();
    const died = await table.locator('tbody td:last-child').allTextContents();
    assert.equal(
      died.reduce((sum, count) => sum + Number(count), 0),
      8,
    );
    await minutes(1);
    await page.getByText('Shown as it happens.').waitFor();
    assert.ok(await table.isVisible());
    await page.getByText(`The numbers of ${initech.name}`).click();
  });

  it('names each dead connection with its diagnosis, and the org comes first', async () => {
    const ill = part('Connections that need a person');
    await ill.getByText(initech.users[0]?.username ?? '', { exact: true }).waitFor();
    await ill.getByRole('link', { name: 'org_wide_revocation' }).nth(7).waitFor();
    assert.equal(await ill.getByRole('listitem').count(), 8);
    const text = (await ill.getByRole('listitem').first().textContent()) ?? '';
    assert.match(text, /reauthorization_required since/);
    assert.match(text, /Cause: org_wide_revocation \(likely\)\. \S+/);
    assert.match(text, /To do: Its org has an open incident: do first what that says\./);
  });

  it('links the page of the cause', async () => {
    const link = part('Incidents').getByRole('link', { name: 'org_wide_revocation' });
    const address = new URL((await link.getAttribute('href')) ?? '', flow.stack.url);
    const answer = await fetch(address);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    assert.match(await answer.text(), /^# org_wide_revocation\n/);
    for (const other of ['README.md', 'nothing.md', '..%2Falerts.md']) {
      assert.equal((await fetch(new URL(other, address))).status, 404, other);
    }
  });

  it('can be read on a phone and a desk, in light and dark, in large letters and by ear', async () => {
    const judged = await newPerson(browser, { bypassCSP: true });
    await judged.page.goto(flow.stack.url);
    await judged.page.waitForFunction(`document.querySelectorAll('#plots rect.died').length > 0`);
    assert.deepEqual(await judgeLooks(judged.page), []);
    await takeScreenshots(judged.page, [{ file: 'console', width: 1100, height: 1330 }]);
    await judged.context.close();
  });

  it('breaks no content security policy, and loads nothing from elsewhere', async () => {
    assert.deepEqual(await person.complaints(), []);
    for (const { url } of await person.sent()) assert.equal(new URL(url).origin, flow.stack.url);
  });

  it('shows what was mended: the users authorize again, and nothing needs a person', async () => {
    await button('Connect its users', initech).click();
    await page.getByText(`${initech.name}: 8 connected, 0 had been, 0 could not be.`).waitFor();
    await minutes(20);
    await part('Incidents').getByText('Nothing needs a person.').waitFor();
    const spike = part('Incidents')
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading') });
    assert.match((await spike.textContent()) ?? '', /^Over invalid_grant_spike/);
    await part('Connections that need a person').getByText('None: all that are connected work.').waitFor();
  });
});
