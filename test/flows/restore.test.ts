/**
 * A table restored to an older moment, while its original goes on: nothing that a stack does on the copy ends a grant of
 * the original's.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adoptRestore } from '../../cli/adopt-restore.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { worksAtSalesforce } from '../support/flow.ts';
import {
  adopt,
  confirming,
  doEverythingOn,
  hourMs,
  livesInOriginal,
  minuteMs,
  people,
  reject,
  requestsOf,
  stateOf,
  withCopy,
} from '../support/restored-world.ts';

describe('a copy of the table that nobody adopted', () => {
  it('lets nothing reach Salesforce, and production keeps its grants', () =>
    withCopy(async (restored) => {
      const { flow, ids } = restored;
      const before = requestsOf(flow);
      await doEverythingOn(restored);
      assert.equal(requestsOf(flow), before, 'nothing was asked of Salesforce');
      for (const part of ['refreshed', 'reauthorized', 'untouched'] as const) {
        assert.ok(await livesInOriginal(flow, ids[part]), part);
      }
    }));

  it('would end them without the check', () =>
    withCopy(
      async (restored) => {
        const { flow, ids } = restored;
        await confirming(flow, doEverythingOn(restored));
        for (const part of ['refreshed', 'untouched'] as const) {
          const lives = livesInOriginal(flow, ids[part]);
          await confirming(flow, lives);
          assert.equal(await lives, false, part);
        }
      },
      { change: (ports: Ports) => ({ ...ports, tableIdentity: { state: async () => ({ kind: 'own' }) } }) },
    ));

  it('hands out tokens that live, and answers all else with 503 and the command', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const live = await copy.api('GET', `/connections/${ids.untouched}/token`);
      assert.ok(live.status === 200 && (await worksAtSalesforce(live)));
      const refused = [
        await reject(copy, ids.untouched),
        await copy.api('POST', '/connect-sessions', { app: 'crm', tenant: 'new', integration: 'sync' }),
        await copy.api('POST', '/connect-sessions', { app: 'crm-login', tenant: 'new', integration: 'sync' }),
        await copy.api('POST', '/connections', { app: 'crm-service' }),
      ];
      flow.clock.advance(3 * hourMs);
      refused.push(await copy.api('GET', `/connections/${ids.refreshed}/token`));
      for (const { status, body } of refused) {
        assert.equal(status, 503, JSON.stringify(body));
        assert.match(body.detail, /is a copy of table .* npx grantkeeper adopt-restore/);
      }
    }));

  it('sends no code of a session that the original may have used', () =>
    withCopy(async ({ flow, copy }) => {
      const started = await flow.api('POST', '/connect-sessions', { app: 'crm', tenant: 'x', integration: 'sync' });
      const person = flow.browser();
      const path = new URL(started.body.connect_url).pathname;
      const login = await person.get(`${flow.stack.url}${path}`);
      const back = flow.simulator.authorize(login.headers.get('location') ?? '', {
        username: people[0] ?? '',
        decision: 'allow',
      });
      // Pending here; in a copy that was made now, it would be there too.
      const session = await flow.stack.ports.store.sessions.read(started.body.session_id);
      assert.ok(session);
      await copy.ports.store.sessions.create({ ...session, revision: 1 });
      const opened = await person.get(`${copy.stack.url}${path}`);
      assert.deepEqual([opened.status, opened.headers.get('location')], [503, null], 'nobody is sent on');
      const before = requestsOf(flow);
      const page = await person.get(back.replace(flow.stack.url, copy.stack.url));
      assert.equal(page.status, 503, page.text);
      assert.equal(requestsOf(flow), before);
      assert.equal((await copy.ports.store.sessions.read(session.id))?.status, 'pending');
    }));

  it('is told of once, in an alert with the runbook', () =>
    withCopy(async ({ flow, copy }) => {
      for (let rounds = 0; rounds < 3; rounds += 1) {
        flow.clock.advance(minuteMs);
        await copy.stack.tick();
      }
      const told = copy.stack.alerts().filter(({ type }) => type === 'table_restored');
      assert.equal(told.length, 1);
      assert.match(told[0]?.remedy ?? '', /adopt-restore .*docs\/runbooks\/restore\.md/);
      assert.equal(flow.stack.alerts().filter(({ type }) => type === 'table_restored').length, 0);
    }));

  it('leaves links and unlinks to whoever adopts it', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const { connections } = copy.ports.store;
      const { duties, ...connection } = (await connections.read(ids.untouched)) ?? assert.fail();
      const now = flow.clock.now();
      const unlink = {
        kind: 'unlink',
        tenant: 'untouched',
        integration: 'sync',
        since: now,
        dueAt: now,
        tries: 0,
      } as const;
      const after = { ...connection, duties: { ...duties, unlink }, revision: connection.revision + 1 };
      await connections.replace({ ...connection, duties }, after);
      await copy.ports.maintainer.doDutiesOf(ids.untouched);
      await copy.stack.tick();
      assert.deepEqual((await connections.read(ids.untouched))?.duties.unlink, unlink);
      await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      await copy.stack.tick();
      assert.equal(await stateOf(copy, ids.untouched), 'disconnected');
    }));

  it('leaves the lifeboat as it is: its answers are of the original’s generations', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const { grant } = (await copy.ports.store.connections.read(ids.untouched)) ?? {};
      assert.ok(grant);
      const made = { ...grant, rotated: true, identityChanged: false };
      const entry = {
        version: 1,
        kind: 'refresh',
        connectionId: ids.untouched,
        attemptId: 'of-the-original',
        at: flow.clock.now(),
        attempt: { id: 'of-the-original', generation: { grantId: 'another', refreshes: 3 }, loginUrl: 'https://x' },
        made,
      } as const;
      await copy.ports.lifeboat.put(entry);
      await copy.stack.tick();
      assert.equal((await copy.ports.lifeboat.list(10)).items.length, 1);
    }));
});
