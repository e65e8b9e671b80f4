import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AppState,
  circuitBackoffMs,
  circuitBaseMs,
  circuitCapMs,
  decideAsk,
  decideInconclusive,
  decideOperatorFailure,
  decideSuccess,
  isClosed,
  sameIncidentMs,
} from '../../../functions/core/circuit.ts';
import { leaseMs } from '../../../functions/core/time-limits.ts';
import { anApp, noon } from '../../contract/items.ts';

const refusal = { error: 'invalid_client', description: 'invalid client credentials' };
const opened = (fraction = 0) => decideOperatorFailure(undefined, 'crm', refusal, noon, fraction, 'first')!;
const alertsOf = ({ duties }: AppState) => Object.values(duties).filter(({ kind }) => kind === 'alert');

/** Half-open, with attempt `p` as its probe. */
function probed(state = opened()): AppState {
  const decision = decideAsk(state, state.openUntil!, 'p');
  assert.ok(decision.kind === 'probe');
  return decision.after;
}

test('an app that nobody refused is asked freely', () => {
  assert.deepEqual(decideAsk(undefined, noon, 'a'), { kind: 'go' });
  assert.deepEqual(decideAsk(anApp('crm', { failures: 0, closedAt: noon }), noon, 'a'), { kind: 'go' });
});

test('the first refusal opens the circuit and owes one alert', () => {
  const state = opened();
  assert.deepEqual([state.id, state.failures, state.openedAt, state.openUntil], ['crm', 1, noon, noon + 15_000]);
  assert.deepEqual(state.lastFailure, { at: noon, ...refusal });
  assert.deepEqual(state.duties, {
    'alert.first': {
      kind: 'alert',
      alertId: 'first',
      type: 'app_misconfigured',
      cause: 'invalid_client',
      since: noon,
      dueAt: noon,
      tries: 0,
    },
  });
});

test('an open circuit refuses everyone until its time, and lets one probe through then', () => {
  const state = opened();
  const until = state.openUntil!;
  assert.deepEqual(decideAsk(state, until - 1, 'a'), { kind: 'refused', until });
  const probe = { attempt: 'a', until: until + leaseMs };
  assert.deepEqual(decideAsk(state, until, 'a'), { kind: 'probe', after: { ...state, probe } });
});

test('while a probe is under way the others are refused; it knows itself again; one that died is succeeded', () => {
  const state = probed();
  const { until } = state.probe!;
  assert.deepEqual(decideAsk(state, until - 1, 'b'), { kind: 'refused', until });
  assert.deepEqual(decideAsk(state, until - 1, 'p'), { kind: 'probing' });
  const next = decideAsk(state, until, 'b');
  assert.ok(next.kind === 'probe');
  assert.equal(next.after.probe?.attempt, 'b');
});

test('a probe that succeeds closes the circuit, and nobody else does', () => {
  const state = probed();
  assert.equal(decideSuccess(state, noon + 60_000, 'other'), undefined);
  assert.equal(decideSuccess(undefined, noon, 'p'), undefined);
  const closed = decideSuccess(state, noon + 60_000, 'p')!;
  assert.equal(isClosed(closed), true);
  assert.deepEqual(
    [closed.failures, closed.openedAt, closed.probe, closed.closedAt],
    [0, undefined, undefined, noon + 60_000],
  );
  assert.deepEqual(decideAsk(closed, noon, 'a'), { kind: 'go' });
});

test('a probe that is refused opens it for longer, from the first opening on, without another alert', () => {
  const state = probed();
  const now = noon + 20_000;
  const again = decideOperatorFailure(state, 'crm', refusal, now, 0, 'p')!;
  assert.deepEqual([again.failures, again.openedAt, again.openUntil], [2, noon, now + 30_000]);
  assert.equal(again.probe, undefined);
  assert.deepEqual(Object.keys(again.duties), ['alert.first']);
});

test('a probe that proves nothing makes way for the next', () => {
  const freed = decideInconclusive(probed(), 'p')!;
  assert.equal(freed.probe, undefined);
  assert.equal(isClosed(freed), false);
  assert.equal(decideAsk(freed, freed.openUntil!, 'b').kind, 'probe');
  assert.equal(decideInconclusive(probed(), 'other'), undefined);
  assert.equal(decideInconclusive(undefined, 'p'), undefined);
});

test('refusals of requests that were under way when it opened add nothing', () => {
  assert.equal(decideOperatorFailure(opened(), 'crm', refusal, noon + 1, 0, 'late'), undefined);
  assert.equal(decideOperatorFailure(probed(), 'crm', refusal, noon + 1, 0, 'late'), undefined);
});

test('the same refusal soon after a recovery is the same incident; another one, or a later one, is not', () => {
  const closed = decideSuccess(probed(), noon, 'p')!;
  const told = { ...closed, duties: {} };
  const refused = (state: AppState, now: number, change = {}) =>
    alertsOf(decideOperatorFailure(state, 'crm', { ...refusal, ...change }, now, 0, 'again')!).length;
  assert.equal(refused(told, noon + sameIncidentMs - 1), 0);
  assert.equal(refused(told, noon + sameIncidentMs), 1);
  assert.equal(refused(told, noon + 1, { error: 'invalid_client_id' }), 1);
  assert.equal(refused(told, noon + 1, { description: 'another' }), 1);
});

test('the backoff doubles with jitter between its half and its whole, to a quarter of an hour', () => {
  assert.equal(circuitBackoffMs(1, 0), circuitBaseMs / 2);
  assert.equal(circuitBackoffMs(2, 0), circuitBaseMs);
  assert.equal(circuitBackoffMs(0, 0), circuitBaseMs / 2);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, f) => {
        const ms = circuitBackoffMs(n, f);
        assert.ok(ms >= circuitBaseMs / 2 && ms <= circuitCapMs, String(ms));
        assert.ok(n < 10 || ms >= circuitCapMs / 2);
      },
    ),
  );
});

type Step = {
  readonly act: 'ask' | 'succeed' | 'refuse' | 'nothing';
  readonly attempt: number;
  readonly passMs: number;
};

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('ask', 'ask', 'succeed', 'refuse', 'nothing'),
    attempt: fc.integer({ min: 0, max: 4 }),
    passMs: fc.integer({ min: 0, max: 40_000 }),
  }),
  { maxLength: 60 },
);

test('whatever comes in whatever order, one probe at a time goes through a circuit that is not closed', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      let state: AppState | undefined;
      let now = noon;
      for (const { act, attempt, passMs } of taken) {
        now += passMs;
        const id = `attempt-${attempt}`;
        const before = state;
        if (act === 'ask') {
          const decision = decideAsk(state, now, id);
          assert.equal(decision.kind === 'go', isClosed(state));
          if (decision.kind === 'refused') assert.ok(decision.until > now && decision.until <= now + circuitCapMs);
          if (decision.kind === 'probe') {
            assert.ok(before?.probe === undefined || before.probe.until <= now, 'two probes at once');
            assert.ok(now >= before!.openUntil!, 'a probe before its time');
            state = decision.after;
          }
        }
        if (act === 'succeed') state = decideSuccess(state, now, id) ?? state;
        if (act === 'nothing') state = decideInconclusive(state, id) ?? state;
        if (act === 'refuse') state = decideOperatorFailure(state, 'crm', refusal, now, 0.5, id) ?? state;
        if (act === 'refuse') assert.equal(isClosed(state), false);
        if (isClosed(state) && !isClosed(before)) assert.equal(before?.probe?.attempt, id, 'closed by another');
        assert.equal(state === undefined || isClosed(state) === (state.openedAt === undefined), true);
      }
    }),
  );
});
