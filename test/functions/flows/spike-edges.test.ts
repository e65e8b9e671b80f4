import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '../../../functions/core/alert.ts';
import { orgWorld } from '../../support/org-world.ts';
import { refused, type Turn } from '../../support/token-server.ts';

describe('what begins to fail in the second in which an incident ends', () => {
  it('is told, though its failure is stamped before the end: it was written after it', async () => {
    const world = orgWorld();
    await world.seed(1, 30);
    world.revoke(1, 5);
    await world.makeDue(1, 5);
    for (let minute = 0; minute < 30; minute += 1) {
      await world.minutes(1);
      if ((await world.org(1))?.closed !== undefined) break;
    }
    const at = (await world.org(1))!.closed!.closedAt - 300;
    const before = await world.connection(1, 20);
    const lastFailure = {
      at,
      class: 'dead',
      error: 'invalid_grant',
      description: 'expired access/refresh token',
    } as const;
    await world.ports.store.inner.connections.replace(before, {
      ...before,
      revision: before.revision + 1,
      failingSince: at,
      nextRefreshAt: at,
      grant: { ...before.grant!, deadSince: at, failures: 1, lastFailure },
      duties: { [`count.${at}`]: { kind: 'count', since: at, dueAt: at, tries: 0 } },
    });
    world.ports.server.grants[19]!.alive = false;
    await world.minutes(5);
    assert.deepEqual(world.types(), [
      'invalid_grant_spike',
      'invalid_grant_spike_resolved',
      'reauthorization_required',
    ]);
    assert.deepEqual(world.alerts.at(-1)?.connection_ids, [before.id]);
  });
});

describe('an org that its administrator keeps out', () => {
  const keptOut = refused('invalid_grant', 'ip restricted');

  it('is one alert a day, and one more when its tokens are revoked meanwhile', async () => {
    const world = orgWorld();
    await world.seed(1, 30);
    let blocked = true;
    world.ports.server.next(
      'refresh',
      ...Array<Turn>(5_000).fill((process, request) => (blocked ? keptOut(process, request) : process())),
    );
    await world.makeDue(1, 1);
    await world.minutes(24 * 60);
    assert.deepEqual(world.types(), ['invalid_grant_spike', 'invalid_grant_spike_resolved'], 'no retry is told');
    blocked = false;
    world.revoke(1);
    await world.minutes(26 * 60);
    const after = world.alerts.slice(2);
    assert.deepEqual(
      [...new Set(after.map(({ type }) => type))],
      ['invalid_grant_spike', 'invalid_grant_spike_resolved'],
    );
    assert.equal(after[0]?.cause, 'org_wide_revocation');
    assert.ok(after.length <= 5, `${after.length} alerts, those that say how it doubles among them`);
    for (let user = 1; user <= 30; user += 1) {
      const { status, absorbedBy } = await world.connection(1, user);
      assert.deepEqual([status, absorbedBy], ['reauthorization_required', after[0]?.id]);
    }
  });
});

describe('a recovery', () => {
  it('of some is told with those that are left, though another incident came after theirs', async () => {
    const world = orgWorld();
    await world.seed(1, 30);
    const revoke = async (from: number, to: number) => {
      for (let user = from; user <= to; user += 1) {
        world.ports.server.grants[user - 1]!.alive = false;
        const before = await world.connection(1, user);
        const due = { nextRefreshAt: world.ports.clock.now(), revision: before.revision + 1 };
        await world.ports.store.inner.connections.replace(before, { ...before, ...due });
      }
    };
    await revoke(1, 10);
    await world.minutes(25);
    await revoke(11, 20);
    await world.minutes(25);
    for (let user = 1; user <= 6; user += 1) world.ports.server.grants[user - 1]!.alive = true;
    await world.minutes(20);
    const spikes = world.alerts.filter(({ type }) => type === 'invalid_grant_spike');
    const [summary, ...more] = world.alerts.filter(({ type }) => type === 'connection_recovered');
    assert.equal(spikes.length, 2);
    assert.deepEqual(more, []);
    assert.ok(summary?.id.startsWith(`${spikes[0]?.id}.recovered.`));
    assert.equal(summary?.counts.left, 4, 'those of the first incident, and not of the second');
    assert.match(summary?.evidence.join(' ') ?? '', new RegExp(spikes[0]!.id));
  });
});

describe('a topic that takes nothing for an hour', () => {
  it('gets the opening before the end, each once', async () => {
    let down = true;
    const sent: string[] = [];
    const publish = async ({ id }: Alert) => {
      if (down) throw new Error('The topic takes nothing.');
      sent.push(id);
    };
    const world = orgWorld({ alerts: { publish } });
    await world.seed(1, 20);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(60);
    const { closed } = (await world.org(1))!;
    assert.deepEqual(sent, []);
    down = false;
    await world.minutes(90);
    assert.deepEqual(sent, [closed?.id, `${closed?.id}.resolved`]);
    assert.deepEqual((await world.org(1))?.duties, {});
  });
});
