import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import { expectedOf, failingSince, hasShare, standingOf, tallyOrg } from '../../../functions/core/org-tally.ts';
import { aConnection, noon } from '../../contract/items.ts';
import { failing, many, untried, windowMs, working } from '../../support/org-connections.ts';

const tally = (connections: readonly Connection[], now = noon) => {
  const { failed, tried, size } = tallyOrg(connections, windowMs, now);
  return { failed, tried, size };
};

describe('who counts to an org’s window', () => {
  const since = noon - windowMs;
  const cases: readonly (readonly [string, Connection, string])[] = [
    ['fails since the window’s first instant', failing(1, { at: since }), 'fails_newly'],
    ['fails since the instant before it', failing(1, { at: since - 1 }), 'left_the_signal'],
    ['fails since this instant', failing(1, { at: noon }), 'fails_newly'],
    ['fails by a clock that is ahead', failing(1, { at: noon + 900 }), 'fails_newly'],
    ['was refreshed in the window’s first instant', working(1, since), 'works'],
    ['was refreshed in the instant before it', working(1, since - 1), 'untried'],
    ['is disconnected', aConnection(1, { status: 'disconnected' }, { grant: undefined }), 'left_the_signal'],
    ['was called dead by an earlier release', { ...working(1), status: 'reauthorization_required' }, 'left_the_signal'],
    ['has another identity', { ...working(1), status: 'admin_action_required' }, 'left_the_signal'],
  ];
  for (const [what, connection, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      assert.equal(standingOf(connection, since), expected);
    });
  }

  it('what is put off or not answered is not tried', () => {
    for (const failureClass of ['busy', 'transient', 'unknown', 'operator', 'bug']) {
      const one = untried(1);
      const lastFailure = { at: noon, class: failureClass, error: 'e', description: '' };
      assert.equal(standingOf({ ...one, grant: { ...one.grant!, lastFailure, failures: 4 } }, since), 'untried');
    }
  });
});

describe('the tally of an org', () => {
  it('counts each connection once', () => {
    const org = [...many(3, 1, failing), ...many(12, 10, (n) => working(n)), ...many(5, 50, (n) => untried(n))];
    assert.deepEqual(tally(org), { failed: 3, tried: 15, size: 20 });
  });

  it('of nobody is nothing', () => {
    assert.deepEqual(tally([]), { failed: 0, tried: 0, size: 0 });
    assert.equal(hasShare({ failed: 0, tried: 0 }, 0.2), false);
  });

  it('forgets what failed before the window', () => {
    assert.deepEqual(tally(many(5, 1, failing), noon + windowMs), { failed: 5, tried: 5, size: 5 });
    assert.deepEqual(tally(many(5, 1, failing), noon + windowMs + 1), { failed: 0, tried: 0, size: 0 });
  });

  it('leaves out what an incident told of that is over', () => {
    const org = [failing(1), failing(2, { at: noon + 1 })];
    assert.equal(tallyOrg(org, windowMs, noon + 60_000, noon).failed, 1);
  });

  it('of a large org that died counts those tried since, once they are enough', () => {
    const before = many(300, 1_000, (n) => working(n, noon - 60_000));
    assert.deepEqual(tally([...many(10, 1, failing), ...before]), { failed: 10, tried: 10, size: 310 });
    assert.deepEqual(tally([...many(9, 1, failing), ...before]).tried, 309);
    const tenWork = many(10, 2_000, (n) => working(n, noon));
    assert.deepEqual(tally([...many(10, 1, failing), ...tenWork, ...before]).tried, 320, 'half of them is not most');
  });

  it('is between nothing and all, whoever there is', () => {
    const connection = fc.oneof(
      fc.integer({ min: -2 * windowMs, max: 1_000 }).map((at) => failing(1, { at: noon + at })),
      fc.integer({ min: -2 * windowMs, max: 0 }).map((at) => working(1, noon + at)),
    );
    fc.assert(
      fc.property(fc.array(connection), (org) => {
        const { failed, tried, size, expected } = tallyOrg(org, windowMs, noon);
        assert.ok(0 <= failed && failed <= tried && tried <= size && size <= org.length);
        assert.ok(failed <= expected && (failed > 0 || expected === 0) && expected <= Math.max(size, failed));
      }),
    );
  });
});

describe('a share', () => {
  it('that is met exactly is met', () => {
    assert.equal(hasShare({ failed: 3, tried: 15 }, 0.2), true);
    assert.equal(hasShare({ failed: 3, tried: 16 }, 0.2), false);
  });

  it('of whole percents is exact for every number of connections', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 50 }), (percent, times) => {
        const tried = 100 * times;
        assert.equal(hasShare({ failed: percent * times, tried }, percent / 100), true);
        assert.equal(hasShare({ failed: percent * times - 1, tried }, percent / 100), false);
      }),
    );
  });
});

describe('what is foretold', () => {
  it('of an org that is dead as a whole is never doubled by what comes', () => {
    // Two at least: an incident opens with no fewer (`minimumConnections`).
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2_000 }), fc.integer({ min: 1, max: 2_000 }), (failed, more) => {
        const size = failed + more;
        assert.ok(2 * expectedOf({ failed, tried: failed }, size) > size);
      }),
    );
  });

  it('is never less than what failed, and nothing where nothing did', () => {
    assert.equal(expectedOf({ failed: 4, tried: 40 }, 4), 4);
    assert.equal(expectedOf({ failed: 0, tried: 40 }, 400), 0);
  });
});

it('who failed first comes first', () => {
  const org = [failing(2, { at: noon }), failing(1, { at: noon }), failing(3, { at: noon - 5 })];
  assert.deepEqual(
    failingSince(org, noon - 5).map(({ userId }) => Number(userId.slice(3))),
    [3, 1, 2],
  );
});
