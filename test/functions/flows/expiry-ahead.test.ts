import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import { noticeMsOf } from '../../../functions/core/expiry-ahead.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { type KeepAliveWorld, keepAliveWorld } from '../../support/keep-alive-world.ts';
import { json, timedOut } from '../../support/token-server.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** With Salesforce's own policy as the configuration states it. */
const idleWorld = (hours: number, switches = {}) =>
  keepAliveWorld({ idleLimitDays: hours / 24 }, { refreshIdleMinutes: hours * 60, ...switches });

const told = ({ ports }: KeepAliveWorld) => ports.published.map(({ type, cause }) => [type, cause]);
const warnings = ({ ports }: KeepAliveWorld) => ports.published.filter(({ type }) => type === 'expiry_approaching');

describe('a keep-alive that works', () => {
  const limits: readonly (readonly [name: string, hours: number, days: number])[] = [
    ['30 days', 720, 90],
    ['2 days', 48, 21],
    ['6 hours', 6, 7],
    ['1 hour', 1, 2],
  ];
  for (const [name, hours, days] of limits) {
    it(`never lets a token come near an idle limit of ${name}, nor warns of it`, async () => {
      const world = await idleWorld(hours);
      await world.pass(days * dayMs);
      assert.equal((await world.stored()).status, 'active');
      assert.deepEqual(world.ports.published, []);
      const most = Math.min(dayMs, (hours * hourMs) / 2) + minuteMs;
      assert.ok(world.longestIdleMs <= most, `it idled for ${world.longestIdleMs / hourMs} h`);
      assert.ok(world.refreshedAt.length >= (days * dayMs) / most - 1, 'and it was tried at all');
    });
  }

  it('with sessions longer than the limit is not late either', async () => {
    const world = await idleWorld(6, { sessionMinutes: 24 * 60 });
    await world.pass(3 * dayMs);
    assert.equal((await world.stored()).status, 'active');
    assert.ok(world.longestIdleMs <= 3 * hourMs + minuteMs);
    assert.deepEqual(world.ports.published, []);
  });
});

const page: RawAnswer = { kind: 'answer', status: 503, contentType: 'text/html', body: new Secret('<html>') };
const failures: readonly (readonly [name: string, answer: RawAnswer])[] = [
  ['Salesforce does not answer', timedOut],
  ['Salesforce answers with a page', page],
  [
    "the org's administrator must act",
    json(400, { error: 'inactive_org', error_description: 'inactive organization' }),
  ],
  [
    'Salesforce refuses the app',
    json(400, { error: 'invalid_client', error_description: 'invalid client credentials' }),
  ],
  ['the error is unknown', json(400, { error: 'never_heard_of', error_description: '' })],
];

describe('a keep-alive that fails', () => {
  for (const [name, answer] of failures) {
    for (const hours of [720, 48, 6, 1]) {
      it(`because ${name} is warned of once, in time for a limit of ${hours} h, and tried until the end`, async () => {
        const world = await idleWorld(hours);
        await world.pass(hourMs / 2);
        const { refreshedAt } = (await world.stored()).grant;
        const end = refreshedAt + hours * hourMs;
        const noticeAt = end - noticeMsOf(hours * hourMs);
        world.fails = answer;
        await world.pass(noticeAt - world.ports.clock.now() - 1);
        assert.deepEqual(warnings(world), [], 'not before its time');
        await world.pass(2 * minuteMs);
        const [warning, ...more] = warnings(world);
        assert.deepEqual([warning?.cause, more], ['refresh_token_idle_limit', []]);
        assert.equal(warning?.id, `${(await world.stored()).id}.idle.${end}`);
        await world.pass(end - world.ports.clock.now());
        assert.equal(warnings(world).length, 1);
        const { lastFailure } = (await world.stored()).grant;
        if (name !== 'Salesforce refuses the app') assert.ok(lastFailure!.at >= end - hourMs, 'one of the last tries');
      });
    }
  }

  it('because the client secret cannot be read is warned of, though nothing was sent', async () => {
    const world = await idleWorld(48);
    world.secretError = new AppMisconfiguredError('crm', 'It is not set.');
    await world.pass(36 * hourMs + 2 * minuteMs);
    assert.match(warnings(world)[0]?.evidence.join(' ') ?? '', /no refresh was sent/);
  });

  it('and works again before the end takes back a warning that was not published', async () => {
    const world = await idleWorld(720);
    await world.pass(dayMs);
    world.fails = failures[2]![1];
    const end = (await world.stored()).grant.refreshedAt + 720 * hourMs;
    await world.pass(end - 48 * hourMs - world.ports.clock.now() - 1);
    const owed = Object.values((await world.stored()).duties).filter(({ kind }) => kind === 'alert');
    assert.deepEqual(
      owed.map(({ dueAt }) => dueAt),
      [end - 48 * hourMs],
    );
    world.fails = undefined;
    world.ports.store.inner.connections.replace(await world.stored(), {
      ...(await world.stored()),
      revision: (await world.stored()).revision + 1,
      nextRefreshAt: world.ports.clock.now(),
    });
    await world.pass(5 * dayMs);
    assert.deepEqual(warnings(world), []);
    assert.equal((await world.stored()).grant.warned, undefined);
  });

  it('and ends in death is told as that, and not warned of again', async () => {
    const world = await idleWorld(6);
    await world.pass(hourMs);
    world.fails = timedOut;
    await world.pass(7 * hourMs);
    world.fails = undefined;
    await world.pass(5 * dayMs);
    assert.deepEqual(told(world), [
      ['expiry_approaching', 'refresh_token_idle_limit'],
      ['reauthorization_required', (await world.stored()).cause],
    ]);
  });
});

describe('a refresh token with a lifetime', () => {
  for (const [days, noticeDays] of [
    [90, 2],
    [1, 0.25],
  ] as const) {
    it(`of ${days} days is warned of ${noticeDays} days before, once, and of the next grant in its own time`, async () => {
      const world = await keepAliveWorld({ lifetimeLimitDays: days }, { refreshLifetimeMinutes: days * 24 * 60 });
      const end = (await world.stored()).authorizedAt + days * dayMs;
      await world.pass(end - noticeDays * dayMs - world.ports.clock.now() - 1);
      assert.deepEqual(world.ports.published, []);
      await world.pass(2 * minuteMs);
      assert.deepEqual(told(world), [['expiry_approaching', 'refresh_token_lifetime_limit']]);
      await world.pass((noticeDays * dayMs) / 2);
      await world.authorize();
      await world.pass((days - noticeDays) * dayMs - minuteMs);
      assert.equal(world.ports.published.length, 1);
      assert.equal((await world.stored()).status, 'active');
      await world.pass(3 * minuteMs);
      assert.equal(new Set(world.ports.published.map(({ id }) => id)).size, 2);
      assert.deepEqual(told(world)[1], ['expiry_approaching', 'refresh_token_lifetime_limit']);
    });
  }

  it('that ends is told as dead, once more', async () => {
    const world = await keepAliveWorld({ lifetimeLimitDays: 10 }, { refreshLifetimeMinutes: 10 * 24 * 60 });
    await world.pass(20 * dayMs);
    assert.deepEqual(
      told(world).map(([type]) => type),
      ['expiry_approaching', 'reauthorization_required'],
    );
  });
});
