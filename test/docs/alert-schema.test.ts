import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import schema from '../../docs/alert.schema.json' with { type: 'json' };
import { alertWords } from '../../functions/core/alert-words.ts';
import { composedAlerts } from '../support/composed-alerts.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
addFormats.default(ajv);
const fits = ajv.compile(schema);

/** What is wrong, by path. */
function faultsOf(value: unknown): string[] {
  return fits(value) ? [] : (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const [spike] = composedAlerts.filter(({ alert }) => alert.type === 'invalid_grant_spike').map(({ alert }) => alert);

describe('the schema of alerts', () => {
  for (const { what, alert } of composedAlerts) {
    it(`takes ${what}`, () => {
      assert.deepEqual(faultsOf(JSON.parse(JSON.stringify(alert))), []);
    });
  }

  it('has seen every type that there is, and knows no other', () => {
    const composed = new Set(composedAlerts.map(({ alert }) => alert.type));
    assert.deepEqual([...composed].toSorted(), Object.keys(alertWords).toSorted());
    assert.deepEqual(schema.properties.type.enum.toSorted(), Object.keys(alertWords).toSorted());
  });

  it('describes all that an alert holds: what is composed has no member more or less', () => {
    for (const { alert } of composedAlerts) {
      assert.deepEqual(Object.keys(alert).toSorted(), schema.required.toSorted());
    }
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['a member that is not described', { access_token: 'x' }, /additional properties/],
    ['another version', { version: 2 }, /\/version/],
    ['an unknown type', { type: 'spike' }, /\/type/],
    ['an unknown severity', { severity: 'fatal' }, /\/severity/],
    ['an app that no configuration may name', { app: 'CRM' }, /\/app/],
    ['an org id of 15 characters', { org_id: '00D5e000001abcd' }, /\/org_id/],
    ['a spike of no org', { org_id: '' }, /\/org_id/],
    ['a fleet of one org', { type: 'fleet_incident' }, /\/org_id/],
    ['a backlog of one app', { type: 'refresh_backlog', org_id: '' }, /\/app/],
    ['a death of no connection', { type: 'reauthorization_required', connection_ids: [] }, /\/connection_ids/],
    ['an end that is critical', { type: 'invalid_grant_spike_resolved', severity: 'critical' }, /\/severity/],
    ['a recovery that is a warning', { type: 'connection_recovered', severity: 'warning' }, /\/severity/],
    ['six connections', { connection_ids: [1, 2, 3, 4, 5, 6].map(connectionId) }, /\/connection_ids .*more than 5/],
    ['a connection twice', { connection_ids: [connectionId(1), connectionId(1)] }, /\/connection_ids .*duplicate/],
    ['a connection without its user', { connection_ids: ['crm.00D5e000001abcdEAA'] }, /\/connection_ids\/0/],
    ['a time that is none', { opened_at: 'yesterday' }, /\/opened_at/],
    ['a time of another zone', { opened_at: '2026-11-21T12:00:00+01:00' }, /\/opened_at/],
    ['a cause in words', { cause: 'Somebody revoked it.' }, /\/cause/],
    ['an empty summary', { summary: '' }, /\/summary/],
    ['an empty remedy', { remedy: '' }, /\/remedy/],
    ['evidence that is no list', { evidence: 'it died' }, /\/evidence/],
    ['a count that is none', { counts: { failed: 'many' } }, /\/counts\/failed/],
    ['a negative count', { counts: { failed: -1 } }, /\/counts\/failed/],
    ['an id with a space', { id: 'a b' }, /\/id/],
  ];
  for (const [what, change, fault] of wrong) {
    it(`refuses ${what}`, () => {
      assert.match(faultsOf({ ...spike, ...change }).join('\n'), fault);
    });
  }

  for (const name of schema.required) {
    it(`refuses an alert without ${name}`, () => {
      const { [name as keyof typeof spike]: _, ...rest } = spike!;
      assert.ok(faultsOf(rest).some((fault) => fault.includes(name)));
    });
  }
});

function connectionId(n: number): string {
  return `crm.00D5e000001abcdEAA.00500000000000${n}AAA`;
}
