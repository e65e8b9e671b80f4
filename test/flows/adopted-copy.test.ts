/** Once a copy is adopted, exactly those connections want an authorization whose tokens it lacks; the others go on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { adoptRestore, retireSettlesMs } from '../../cli/adopt-restore.ts';
import { revokeDutyId } from '../../functions/core/settle-superseded.ts';
import { copyName, originalName } from '../support/copied-table.ts';
import { worksAtSalesforce } from '../support/flow.ts';
import {
  adopt,
  authorizeAgain,
  hourMs,
  livesInOriginal,
  minuteMs,
  newestIntoLifeboat,
  parts,
  people,
  reject,
  requestsOf,
  stateOf,
  withCopy,
} from '../support/restored-world.ts';

describe('a copy of the table that is adopted', () => {
  it('is refused while the original stands, and changes nothing by it', () =>
    withCopy(async ({ copy, ids }) => {
      await assert.rejects(adoptRestore(adopt, copy.adoption), /is still there: .*--retire-original/);
      assert.equal((await copy.ports.tableIdentity.state()).kind, 'restored');
      for (const part of parts) assert.equal(await stateOf(copy, ids[part]), 'active');
    }));

  it('marks exactly those that are newer in the original, which stops, and the others go on', () =>
    withCopy(async ({ flow, copy, ids, jwt }) => {
      const report = await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      assert.match(
        report.lines.join('\n'),
        /1 refreshed since[\s\S]*1 authorized again[\s\S]*Disconnected there.*\n {2}1$/m,
      );
      assert.match(copy.adoption.told.join(), /retired\. Waiting 300 s/);
      assert.equal(await stateOf(copy, ids.disconnected), 'disconnected');
      for (const part of ['refreshed', 'reauthorized'] as const) {
        assert.equal(await stateOf(copy, ids[part]), 'restored_backup', part);
        const { status, body } = await copy.api('GET', `/connections/${ids[part]}/token`);
        assert.deepEqual([status, body.code, body.cause], [409, 'reauthorization_required', 'restored_backup']);
      }
      assert.equal((await flow.stack.ports.tableIdentity.state()).kind, 'restored', 'the original stops');
      const refused = await reject(flow, ids.untouched);
      assert.match(refused.body.detail, /gave its place to table .*docs\/runbooks\/restore\.md/);
      flow.clock.advance(3 * hourMs);
      await copy.stack.tick();
      for (const id of [ids.untouched, jwt]) {
        const token = await copy.api('GET', `/connections/${id}/token`);
        assert.equal(token.status, 200, JSON.stringify(token.body));
        assert.ok(await worksAtSalesforce(token));
      }
      const stopped = requestsOf(flow);
      flow.clock.advance(3 * hourMs);
      await flow.stack.tick();
      assert.equal(requestsOf(flow), stopped, 'nothing runs on the original');
    }));

  it('never sends nor revokes a token of the backup, whatever becomes of the connection', () =>
    withCopy(async ({ flow, copy, ids }) => {
      await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      const newest = flow.simulator.books.liveGrants().length;
      await copy.api('DELETE', `/connections/${ids.refreshed}`);
      await copy.api('DELETE', `/connections/${ids.disconnected}`);
      for (let rounds = 0; rounds < 4; rounds += 1) {
        flow.clock.advance(20 * minuteMs);
        await copy.stack.tick();
      }
      const ended = flow.simulator.books.grants().filter(({ endedBy }) => endedBy === 'replay');
      assert.deepEqual(ended, []);
      assert.equal(flow.simulator.books.liveGrants().length, newest);
    }));

  it('counts the grants that nobody holds any more to their users’ limit', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const believed = async (id: string) => (await copy.api('GET', `/connections/${id}`)).body.grant_budget.believed;
      await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      assert.deepEqual([await believed(ids.refreshed), await believed(ids.untouched)], [1, 1]);
      const lives = flow.simulator.books.liveGrants().length;
      await authorizeAgain(flow, copy, 'refreshed');
      assert.equal(await stateOf(copy, ids.refreshed), 'active');
      assert.equal(flow.simulator.books.liveGrants().length, lives + 1, 'the one before lives on');
      assert.equal(await believed(ids.refreshed), 2);
    }));

  it('says nothing of each connection in an alert', () =>
    withCopy(async ({ flow, copy }) => {
      await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      flow.clock.advance(5 * minuteMs);
      await copy.stack.tick();
      assert.deepEqual(
        copy.stack.alerts().filter(({ type }) => type !== 'table_restored'),
        [],
      );
    }));

  it('takes up an answer of the lifeboat that is newer than the backup', () =>
    withCopy(
      async ({ flow, copy, ids }) => {
        const id = ids.refreshed;
        assert.equal((await reject(flow, id)).status, 200);
        const old = (await copy.ports.store.connections.read(id))?.grant;
        const { refreshes } = await newestIntoLifeboat({ flow, copy }, id);
        assert.ok(old && refreshes === old.refreshes + 2);
        await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
        assert.equal(await stateOf(copy, id), 'restored_backup');
        for (let rounds = 0; rounds < 2; rounds += 1) {
          flow.clock.advance(minuteMs);
          await copy.stack.tick();
        }
        assert.equal(await stateOf(copy, id), 'active');
        assert.equal((await copy.ports.lifeboat.list(10)).items.length, 0);
        assert.equal((await copy.api('GET', `/connections/${id}`)).body.grant_budget.believed, 1, 'not lost after all');
        flow.clock.advance(3 * hourMs);
        const token = await copy.api('GET', `/connections/${id}/token`);
        assert.ok(token.status === 200 && (await worksAtSalesforce(token)));
      },
      { refreshedBefore: true },
    ));

  for (const keyIsThere of [true, false]) {
    const what = keyIsThere ? 'takes up' : 'drops, for it cannot be opened,';
    it(`${what} an answer to the first refresh, where the org's key is ${keyIsThere ? '' : 'not '}in the copy`, () =>
      withCopy(async ({ flow, copy, ids }) => {
        const id = ids.refreshed;
        await newestIntoLifeboat({ flow, copy }, id);
        const orgId = id.split('.')[1] ?? '';
        const key = await flow.stack.ports.store.readDataKey(orgId, 'refresh');
        assert.ok(key && (await copy.ports.store.readDataKey(orgId, 'refresh')) === undefined);
        if (keyIsThere) await copy.ports.store.putDataKeyIfAbsent(key);
        await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
        for (let rounds = 0; rounds < 2; rounds += 1) {
          flow.clock.advance(minuteMs);
          await copy.stack.tick();
        }
        assert.equal(await stateOf(copy, id), keyIsThere ? 'active' : 'restored_backup');
        assert.equal((await copy.ports.lifeboat.list(10)).items.length, 0);
        if (!keyIsThere) return;
        flow.clock.advance(3 * hourMs);
        const token = await copy.api('GET', `/connections/${id}/token`);
        assert.ok(token.status === 200 && (await worksAtSalesforce(token)));
      }));
  }

  it('marks none that only did not rotate', () =>
    withCopy(
      async ({ flow, copy, ids }) => {
        await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
        assert.equal(await stateOf(copy, ids.refreshed), 'active');
        assert.equal(await stateOf(copy, ids.reauthorized), 'restored_backup');
        flow.clock.advance(3 * hourMs);
        const token = await copy.api('GET', `/connections/${ids.refreshed}/token`);
        assert.ok(token.status === 200 && (await worksAtSalesforce(token)));
      },
      { rotation: false },
    ));

  it('is adopted without its original by what was due since, where the moment is told', () =>
    withCopy(async ({ flow, copy, ids, jwt }) => {
      const restoredTo = flow.clock.now() - minuteMs;
      await copy.client.send(new DeleteTableCommand({ TableName: originalName }));
      await assert.rejects(adoptRestore(adopt, copy.adoption), /--restored-to/);
      await assert.rejects(
        adoptRestore({ ...adopt, restoredTo: restoredTo - hourMs }, copy.adoption),
        /was refreshed at .* correct --restored-to/,
      );
      const soon = await adoptRestore({ ...adopt, restoredTo, dryRun: true }, copy.adoption);
      assert.match(soon.lines.join('\n'), /4 were not due since/);
      flow.clock.advance(3 * hourMs);
      const report = await adoptRestore({ ...adopt, restoredTo }, copy.adoption);
      assert.match(report.lines.join('\n'), /4 were due since, and rotate or may rotate/);
      assert.equal(await stateOf(copy, ids.untouched), 'restored_backup');
      assert.equal(await stateOf(copy, jwt), 'active');
    }));

  for (const ahead of [1, 2]) {
    it(`sends no token of a copy, whose original is gone, while the lifeboat holds an answer ${ahead} refreshes ahead`, () =>
      withCopy(
        async ({ flow, copy, ids }) => {
          const id = ids.refreshed;
          const restoredTo = flow.clock.now() - minuteMs;
          if (ahead > 1) assert.equal((await reject(flow, id)).status, 200);
          const newest = (await flow.stack.ports.store.connections.read(id))?.grant;
          const old = (await copy.ports.store.connections.read(id))?.grant;
          assert.ok(newest && old && newest.refreshes === old.refreshes + ahead && old.attempts.length === 0);
          await copy.client.send(new DeleteTableCommand({ TableName: originalName }));
          await adoptRestore({ ...adopt, restoredTo }, copy.adoption);
          await copy.ports.lifeboat.put({
            version: 1,
            kind: 'refresh',
            connectionId: id,
            attemptId: 'of-the-original',
            at: flow.clock.now(),
            attempt: {
              id: 'of-the-original',
              generation: { grantId: newest.id, refreshes: newest.refreshes - 1 },
              loginUrl: newest.loginUrl,
            },
            made: { ...newest, rotated: true, identityChanged: false },
          });
          flow.clock.advance(minuteMs);
          const sent = requestsOf(flow);
          // Before `maintain` has run.
          assert.equal((await reject(copy, id)).status, ahead > 1 ? 503 : 200);
          assert.equal(requestsOf(flow), sent);
          for (let rounds = 0; rounds < 3; rounds += 1) {
            await copy.stack.tick();
            flow.clock.advance(minuteMs);
          }
          flow.clock.advance(3 * hourMs);
          const token = await copy.api('GET', `/connections/${id}/token`);
          assert.ok(token.status === 200 && (await worksAtSalesforce(token)));
        },
        { refreshedBefore: true },
      ));
  }

  it('keeps an answer in the lifeboat whose connection it lacks, until that is connected anew', () =>
    withCopy(async ({ flow, copy }) => {
      const { connectionId: id } = await flow.connect({ tenant: 'later' }, people[4]);
      assert.equal((await reject(flow, id)).status, 200);
      const { grant } = (await flow.stack.ports.store.connections.read(id)) ?? {};
      assert.ok(grant && (await copy.ports.store.connections.read(id)) === undefined);
      const made = { ...grant, rotated: true, identityChanged: false };
      const generation = { grantId: grant.id, refreshes: grant.refreshes };
      const attempt = { id: 'of-the-original', generation, loginUrl: grant.loginUrl };
      const entry = { version: 1, kind: 'refresh', connectionId: id, attemptId: attempt.id, attempt, made } as const;
      await copy.ports.lifeboat.put({ ...entry, at: flow.clock.now() });
      await adoptRestore({ ...adopt, retireOriginal: true }, copy.adoption);
      const left = async () => {
        flow.clock.advance(minuteMs);
        await copy.stack.tick();
        return (await copy.ports.lifeboat.list(10)).items.length;
      };
      assert.deepEqual([await left(), await left()], [1, 1]);
      const newer = { ...grant, id: 'newer' };
      const base = await flow.stack.ports.store.connections.read(id);
      assert.ok(base);
      await copy.ports.store.connections.create({ ...base, revision: 1, grant: newer, duties: {} });
      assert.equal(await left(), 0);
      const duties = (await copy.ports.store.connections.read(id))?.duties ?? {};
      assert.ok(duties[revokeDutyId(grant.id)], 'by the token that the answer held');
    }));

  it('writes nothing in a dry run, and tells the same', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const told = await adoptRestore({ ...adopt, dryRun: true }, copy.adoption);
      assert.match(told.lines.join('\n'), /1 refreshed since[\s\S]*Nothing was written/);
      assert.equal(await stateOf(copy, ids.refreshed), 'active');
      assert.equal((await copy.ports.tableIdentity.state()).kind, 'restored');
      flow.clock.advance(retireSettlesMs);
      assert.equal((await flow.stack.ports.tableIdentity.state()).kind, 'own', 'the original is not retired');
    }));

  it('stays stopped when the command dies in between, and is adopted by another run', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const dying = {
        ...copy.adoption,
        table: (name: string) => {
          const table = copy.adoption.table(name);
          const replace = async (): Promise<never> => {
            throw new Error('died');
          };
          return name === copyName ? { ...table, records: { ...table.records, replace } } : table;
        },
      };
      const options = { ...adopt, retireOriginal: true };
      await assert.rejects(adoptRestore(options, dying), /died/);
      assert.equal(await stateOf(copy, ids.refreshed), 'restored_backup');
      flow.clock.advance(minuteMs);
      assert.equal((await copy.ports.tableIdentity.state()).kind, 'restored');
      const again = await adoptRestore(adopt, copy.adoption);
      assert.match(again.lines.join('\n'), /2 marked by an earlier run/);
      flow.clock.advance(minuteMs);
      assert.equal((await copy.ports.tableIdentity.state()).kind, 'own');
      const more = await adoptRestore(adopt, copy.adoption);
      assert.match(more.lines.join('\n'), /nothing to adopt/);
    }));

  it('gives the place back to the original where it was not adopted in the end', () =>
    withCopy(async ({ flow, copy, ids }) => {
      const dying = { ...copy.adoption, wait: () => Promise.reject(new Error('died')) };
      await assert.rejects(adoptRestore({ ...adopt, retireOriginal: true }, dying), /died/);
      flow.clock.advance(retireSettlesMs);
      assert.equal((await flow.stack.ports.tableIdentity.state()).kind, 'restored');
      const report = await adoptRestore({ ...adopt, table: originalName }, copy.adoption);
      assert.match(report.lines.join('\n'), /nobody adopted/);
      flow.clock.advance(3 * hourMs);
      assert.ok(await livesInOriginal(flow, ids.refreshed));
    }));
});
