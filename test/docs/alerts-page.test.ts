import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import schema from '../../docs/alert.schema.json' with { type: 'json' };
import { attributesOf } from '../../functions/adapters/sns-alert-topic.ts';
import { alertWords } from '../../functions/core/alert-words.ts';
import { composedAlerts } from '../support/composed-alerts.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8');
const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(
  ([, text = '']) => JSON.parse(text.replaceAll('…', '').replace(/,(?=\\?"?\})/g, '')) as Record<string, unknown>,
);
const alert = blocks.find(({ version }) => version === 1);
const filters = blocks.filter((block) => Object.values(block).every(Array.isArray));

describe('the page on alerts', () => {
  it('lists every type with the severities that it has, and no other', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([a-z, ]+) \|/gm)].map(([, type = '', severities = '']) => [
      type,
      severities.split(', '),
    ]) as [string, string[]][];
    assert.deepEqual(rows.map(([type]) => type).toSorted(), Object.keys(alertWords).toSorted());
    for (const [type, severities] of rows) {
      const composed = new Set(
        composedAlerts.filter((one) => one.alert.type === type).map((one) => one.alert.severity),
      );
      assert.deepEqual(
        [...composed].filter((severity) => !severities.includes(severity)),
        [],
        type,
      );
    }
  });

  it('shows an alert that the schema takes', () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
    addFormats.default(ajv);
    const fits = ajv.compile(schema);
    assert.ok(fits(alert), JSON.stringify(fits.errors));
  });

  it('shows filters by attributes that alerts have, and by values that they take', () => {
    assert.equal(filters.length, 3);
    const [{ alert: any } = composedAlerts[0]!] = composedAlerts;
    const known: Record<string, readonly string[]> = {
      type: Object.keys(alertWords),
      severity: ['critical', 'warning', 'info'],
      app: ['crm', '*'],
    };
    for (const [attribute, rules] of filters.flatMap((filter) => Object.entries(filter))) {
      assert.ok(Object.hasOwn(attributesOf(any), attribute), attribute);
      const values = (rules as (string | { 'anything-but': string[] })[]).flatMap((rule) =>
        typeof rule === 'string' ? [rule] : rule['anything-but'],
      );
      assert.deepEqual(
        values.filter((value) => !known[attribute]?.includes(value)),
        [],
      );
    }
  });

  it('shows the envelope with the subject that such an alert has', () => {
    const envelope = blocks.find(({ Type }) => Type === 'Notification');
    assert.match(String(envelope?.Subject), /invalid grant spike \(crm, org 00D5e000001abcdEAA\)$/);
    assert.ok(String(envelope?.Message).includes(String(alert?.id)));
  });
});
