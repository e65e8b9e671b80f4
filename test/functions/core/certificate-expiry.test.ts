import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideCertificates } from '../../../functions/core/certificate-expiry.ts';
import type { AppState } from '../../../functions/core/circuit.ts';
import type { CertificateEnd } from '../../../functions/core/ports.ts';
import { anApp, noon } from '../../contract/items.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const key = (id: string, endsAt?: number): CertificateEnd => (endsAt === undefined ? { id } : { id, endsAt });
const look = (state: AppState | undefined, ends: readonly CertificateEnd[], now = noon) =>
  decideCertificates(state, 'crm-jwt', ends, now);
const alertsOf = ({ duties }: AppState) => Object.keys(duties);
/** As once the duties are done. */
const published = (state: AppState): AppState => ({ ...state, duties: {} });

test('what was seen is kept, and a certificate that ends later owes no alert', () => {
  const ends = [key('1', noon + 14 * dayMs + 1), key('2')];
  const state = look(undefined, ends);
  assert.deepEqual(state.certificates, { lookedAt: noon, ends, alerted: [] });
  assert.deepEqual([state.id, state.failures, state.duties], ['crm-jwt', 0, {}]);
});

test('fourteen days before its end one alert is owed, in the same write as its record', () => {
  const endsAt = noon + 14 * dayMs;
  const state = look(undefined, [key('1', endsAt)]);
  const [alert] = state.certificates!.alerted;
  assert.deepEqual([alert?.keyId, alert?.endsAt, alert?.noticeMs], ['1', endsAt, 14 * dayMs]);
  assert.deepEqual(state.duties, {
    [`alert.${alert?.alertId}`]: {
      kind: 'alert',
      alertId: alert?.alertId,
      type: 'expiry_approaching',
      cause: 'signing_certificate_ends',
      since: noon,
      dueAt: noon,
      tries: 0,
    },
  });
});

test('48 hours before it another one, and no more after that, whether it was renewed or not', () => {
  const endsAt = noon + 14 * dayMs;
  const ends = [key('1', endsAt)];
  let state = published(look(undefined, ends));
  assert.deepEqual(alertsOf(look(state, ends, endsAt - 48 * hourMs - 1)), []);
  state = look(state, ends, endsAt - 48 * hourMs);
  assert.equal(alertsOf(state).length, 1);
  state = published(state);
  for (const now of [endsAt - hourMs, endsAt, endsAt + 400 * dayMs]) {
    state = look(state, ends, now);
    assert.deepEqual(alertsOf(state), []);
  }
});

test('one that is found late owes the urgent alert only', () => {
  for (const endsAt of [noon + hourMs, noon - dayMs]) {
    const state = look(undefined, [key('1', endsAt)]);
    assert.deepEqual(
      state.certificates?.alerted.map(({ noticeMs }) => noticeMs),
      [48 * hourMs],
    );
    assert.deepEqual(alertsOf(look(published(state), [key('1', endsAt)], noon + hourMs)), []);
  }
});

test('a renewed certificate, and another key, have alerts of their own', () => {
  const endsAt = noon + dayMs;
  const state = published(look(undefined, [key('1', endsAt)]));
  assert.equal(alertsOf(look(state, [key('1', endsAt + hourMs)])).length, 1);
  assert.equal(alertsOf(look(state, [key('1', endsAt), key('2', endsAt)])).length, 1);
  assert.deepEqual(alertsOf(look(state, [key('1', noon + 700 * dayMs)])), []);
});

test('a key that is not listed for a while is not alerted anew', () => {
  const ends = [key('1', noon + dayMs)];
  const state = look(published(look(undefined, ends)), [], noon + hourMs);
  assert.deepEqual(alertsOf(look(state, ends, noon + 2 * hourMs)), []);
});

test('what the app’s item holds besides stays as it is, open duties too', () => {
  const open = look(undefined, [key('1', noon + dayMs)]);
  const before = anApp('crm-jwt', {
    failures: 3,
    openUntil: noon + 5,
    duties: open.duties,
    certificates: open.certificates,
  });
  const state = look(before, [key('1', noon + dayMs)], noon + hourMs);
  assert.deepEqual({ ...state, certificates: undefined }, { ...before, certificates: undefined });
  assert.deepEqual(state.certificates?.alerted, open.certificates?.alerted);
});

test('whenever one looks, each certificate is alerted once for each notice at most, and never without need', () => {
  const steps = fc.array(
    fc.record({ hours: fc.integer({ min: 1, max: 200 }), listed: fc.boolean(), renewed: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (looks) => {
      let now = noon;
      let endsAt = noon + 20 * dayMs;
      let state: AppState | undefined;
      const seen: string[] = [];
      for (const { hours, listed, renewed } of looks) {
        now += hours * hourMs;
        if (renewed) endsAt = now + 20 * dayMs;
        state = look(state, listed ? [key('1', endsAt)] : [], now);
        const owed = alertsOf(state);
        if (owed.length > 0) assert.ok(endsAt - now <= 14 * dayMs);
        seen.push(...owed);
        // Done by whoever comes first.
        state = published(state);
        assert.ok((state.certificates?.alerted.length ?? 0) <= 16);
      }
      // After its certificate was gone for a month, a key may be alerted again: the id is the same.
      const recent = seen.filter((id) => id.includes(String(endsAt)));
      if (looks.every(({ listed }) => listed)) assert.equal(new Set(recent).size, recent.length);
      assert.ok(new Set(recent).size <= 2);
    }),
  );
});
