import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import type { FailureClass } from '../../../functions/core/error-table.ts';
import { generationOf } from '../../../functions/core/grant.ts';
import {
  next,
  type RefreshEvent,
  type RefreshState,
  stateOf,
  transitions,
} from '../../../functions/core/refresh-machine.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';
import { made } from '../../support/claimed-connection.ts';

const classes: FailureClass[] = ['dead', 'admin', 'operator', 'transient', 'busy', 'bug', 'unknown'];

type Step =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'ask' | 'drain' | 'not_sent' | 'silence' }
  | { readonly do: 'rescue'; readonly identityChanged: boolean }
  | { readonly do: 'answer'; readonly late: boolean; readonly identityChanged: boolean }
  | { readonly do: 'refuse'; readonly class: FailureClass };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 5_000, 80_000, 3_600_000, 90_000_000) }),
  fc.record({ do: fc.constantFrom('ask' as const, 'drain' as const, 'not_sent' as const, 'silence' as const) }),
  fc.record({ do: fc.constant('rescue' as const), identityChanged: fc.boolean() }),
  fc.record({ do: fc.constant('answer' as const), late: fc.boolean(), identityChanged: fc.boolean() }),
  fc.record({ do: fc.constant('refuse' as const), class: fc.constantFrom(...classes) }),
);

/** Plays events on one connection and says every change of state that a write made. */
function play(steps: readonly Step[]): [RefreshEvent['type'], RefreshState, RefreshState][] {
  let connection: Connection = aConnection(1, {}, { grant: aGrant('g'), nextRefreshAt: noon });
  let now = noon;
  const seen: [RefreshEvent['type'], RefreshState, RefreshState][] = [];
  let sent: { id: string; generation: ReturnType<typeof generationOf>; loginUrl: string }[] = [];
  for (const [index, one] of steps.entries()) {
    if (one.do === 'pass') {
      now += one.ms;
      continue;
    }
    const event = eventOf(one, connection, sent, `attempt-${index}`);
    if (event === undefined) continue;
    const transition = next(connection, event, now, 0.5);
    if (transition.kind === 'keep') continue;
    seen.push([event.type, stateOf(connection, now), stateOf(transition.after, now)]);
    connection = transition.after;
    // What is settled, or known to be silent, brings nothing more.
    const ended = 'attempt' in event ? event.attempt.id : event.type === 'not_sent' ? event.attemptId : undefined;
    sent = sent.filter(({ id }) => id !== ended);
    if (event.type === 'rescued') sent = sent.filter(({ id }) => id !== event.attemptId);
    if (transition.outcome === 'claimed' && connection.grant !== undefined) {
      const generation = generationOf(connection.grant);
      sent.push({ id: `attempt-${index}`, generation, loginUrl: connection.grant.loginUrl });
    }
  }
  return seen;
}

function eventOf(
  one: Exclude<Step, { do: 'pass' }>,
  connection: Connection,
  sent: readonly { id: string; generation: ReturnType<typeof generationOf>; loginUrl: string }[],
  attemptId: string,
): RefreshEvent | undefined {
  assert.ok(connection.grant);
  const generation = generationOf(connection.grant);
  const last = sent.at(-1);
  const first = sent[0];
  switch (one.do) {
    case 'ask': {
      const request = { version: 1, connectionId: connection.id, generation, reason: 'due' } as const;
      return { type: 'asked', request, attemptId };
    }
    case 'drain':
      return { type: 'drain_asked', generation, attemptId };
    case 'not_sent':
      return last && { type: 'not_sent', attemptId: last.id, nextRefreshAt: noon };
    case 'rescue':
      if (last === undefined || first === undefined || first === last) return undefined;
      return {
        type: 'rescued',
        attempt: first,
        made: { ...made, identityChanged: one.identityChanged },
        attemptId: last.id,
      };
    case 'answer': {
      const attempt = one.late ? first : last;
      return attempt && { type: 'answered', attempt, made: { ...made, identityChanged: one.identityChanged } };
    }
    case 'refuse': {
      const refusal = { class: one.class, error: 'e', description: 'd' };
      return last && { type: 'refused', attempt: last, refusal, alertId: attemptId };
    }
    case 'silence':
      return last && { type: 'unanswered', attempt: last, reason: 'timeout' };
  }
}

test('every change of state stands in the table of transitions', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      for (const [event, from, to] of play(steps)) {
        const known = transitions[event].some(([one, other]) => one === from && other === to);
        assert.ok(known, `${event}: ${from} → ${to} is not in the table`);
      }
    }),
    { numRuns: 3_000 },
  );
});

/** Chance alone seldom leads to a death and beyond. */
const death: readonly Step[] = [
  { do: 'ask' },
  { do: 'refuse', class: 'dead' },
  { do: 'pass', ms: 5_000 },
  { do: 'ask' },
  { do: 'refuse', class: 'dead' },
  { do: 'pass', ms: 3_600_000 },
  { do: 'ask' },
  { do: 'pass', ms: 80_000 },
];

test('every transition of the table can be reached', () => {
  const reached = new Set<string>();
  const walks = fc.sample(fc.array(step, { minLength: 10, maxLength: 40 }), { numRuns: 15_000, seed: 7 });
  for (const walk of [...walks, ...walks.map((steps) => [...death, ...steps])]) {
    for (const [event, from, to] of play(walk)) reached.add(`${event}: ${from} → ${to}`);
  }
  const missing = Object.entries(transitions).flatMap(([event, pairs]) =>
    pairs.map(([from, to]) => `${event}: ${from} → ${to}`).filter((one) => !reached.has(one)),
  );
  assert.deepEqual(missing, []);
});
