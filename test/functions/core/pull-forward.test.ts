import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import {
  looksDead,
  nextWave,
  pulledForward,
  someoneIsLeft,
  waveOf,
  waveOfOrgs,
} from '../../../functions/core/pull-forward.ts';
import { aConnection, noon, orgId } from '../../contract/items.ts';
import { failing, many, untried, working } from '../../support/org-connections.ts';

const pull = { since: noon };
const pulled = (connection: Connection) => pulledForward(connection, pull, noon + 1_000, 0.5);

describe('who is pulled forward', () => {
  it('is made due within twenty seconds, and nothing else of it changes', () => {
    const before = untried(1);
    assert.deepEqual(pulled(before), { ...before, nextRefreshAt: noon + 11_000 });
  });

  const one = untried(1);
  const grant = one.grant!;
  const keptOut = (at: number): Connection => ({
    ...failing(1, { at }),
    status: 'admin_action_required',
  });
  const left: readonly (readonly [string, Connection])[] = [
    ['was refreshed since the failure', working(1, noon)],
    ['fails itself', failing(1)],
    ['is dead', { ...one, status: 'reauthorization_required' }],
    ['is kept out, and was since the failure', keptOut(noon)],
    ['is disconnected', aConnection(1, { status: 'disconnected' }, { grant: undefined })],
    ['is claimed', { ...one, grant: { ...grant, lease: { attempt: 'a', until: noon + 60_000 } } }],
    ['is in backoff', { ...one, grant: { ...grant, failures: 1 } }],
    ['is due by itself', { ...one, nextRefreshAt: noon + 21_000 }],
    ['is never looked at', { ...one, nextRefreshAt: undefined }],
  ];
  for (const [what, connection] of left) {
    it(`is nobody who ${what}`, () => {
      assert.equal(pulled(connection), undefined);
      assert.deepEqual(waveOf([connection], pull, 10, noon + 1_000), []);
      assert.equal(someoneIsLeft([connection], pull, noon + 1_000), false);
    });
  }

  it('was kept out before the failure, for it may be dead by now', () => {
    assert.ok(pulled(keptOut(noon - 1)));
  });

  it('was refreshed right before the failure, which says nothing of now', () => {
    assert.ok(pulled(working(1, noon - 1)));
  });
});

describe('a wave', () => {
  const org = many(50, 1, (n) => untried(n));

  it('is of any of them, and the same ones for everyone who asks', () => {
    const wave = waveOf(org, pull, 10, noon).map(({ id }) => id);
    assert.equal(new Set(wave).size, 10);
    assert.deepEqual(
      wave,
      waveOf(org.toReversed(), pull, 10, noon).map(({ id }) => id),
    );
    const ofAnother = waveOf(org, { since: noon + 1 }, 10, noon).map(({ id }) => id);
    assert.notDeepEqual(wave, ofAnother);
  });

  it('of orgs takes one connection of each, and of those asked for alone', () => {
    const sample = [1, 2, 3].flatMap((number) => many(4, 1, (n) => untried(n, number)));
    const wave = waveOfOrgs(sample, [orgId(2), orgId(3)], pull, 10, noon).map((one) => one.orgId);
    assert.deepEqual(wave.toSorted(), [orgId(2), orgId(3)]);
    assert.equal(waveOfOrgs(sample, [orgId(2), orgId(3)], pull, 1, noon).length, 1);
  });

  it('follows another after its minute, where it goes on', () => {
    const last = { since: noon, at: noon, waves: 3 };
    assert.equal(nextWave({ pull: last }, true, noon + 49_999), undefined);
    assert.equal(nextWave({ pull: last }, false, noon + 50_000), undefined);
    assert.deepEqual(nextWave({ pull: last }, true, noon + 50_000), {
      pull: { since: noon, at: noon + 50_000, waves: 4 },
      size: 20,
    });
    assert.equal(nextWave({}, true, noon), undefined);
  });
});

it('an org looks dead by two, and by the share', () => {
  assert.equal(looksDead({ failed: 1, tried: 1 }, 0.2), false);
  assert.equal(looksDead({ failed: 2, tried: 10 }, 0.2), true);
  assert.equal(looksDead({ failed: 2, tried: 11 }, 0.2), false);
});
