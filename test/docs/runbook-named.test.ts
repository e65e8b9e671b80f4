/** The page that an alert or an alarm names speaks of it, and not only of its kind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expiryWords } from '../../functions/core/alert-words.ts';
import { identityChanged } from '../../functions/core/diagnosis/refused-by-org.ts';
import { revocationGivenUp } from '../../functions/core/revocation.ts';
import { runbookOf, withRunbook } from '../../functions/core/runbooks.ts';
import { templateWith } from '../lib/synthesized.ts';
import { resourcesOf } from '../lib/template-reading.ts';
import { composedAlerts } from '../support/composed-alerts.ts';
import { readRunbook } from './runbook-page.ts';

const template = templateWith({ alerts: { https: ['https://hooks.example.com/'] } });
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
  id,
  text: String(Properties.AlarmDescription),
}));
const pagesIn = (text: string) => [...text.matchAll(/docs\/runbooks\/([a-z-]+)\.md/g)].map(([, name = '']) => name);

describe('the page that is named', () => {
  it('speaks of the alert that names it', () => {
    for (const { what, alert } of composedAlerts) {
      const [name = ''] = pagesIn(withRunbook(alert).remedy);
      const { type, cause } = alert;
      const words = type.replace(/_resolved$/, '');
      const page = readRunbook(name);
      assert.ok(page.includes(`\`${words}\``) || page.includes(`\`${cause}\``), `${what}: ${name} has no ${type}`);
    }
  });

  it('speaks of each cause for which a dying connection wants another remedy', () => {
    const page = readRunbook('connection-dies');
    const ends = Object.keys(expiryWords).filter((cause) =>
      runbookOf({ type: 'expiry_approaching', cause }).endsWith('connection-dies.md'),
    );
    assert.equal(ends.length, 2);
    for (const cause of [...ends, identityChanged, revocationGivenUp]) assert.ok(page.includes(`\`${cause}\``), cause);
  });

  it('speaks of the alarm that names it, by the part of its name that a person reads', () => {
    for (const { id, text } of alarms) {
      const [name = ''] = pagesIn(text);
      const [, own = ''] = /^Grantkeeper(?:Function)?(?:Alarms)?(\w+?)[0-9A-F]{8}$/.exec(id) ?? [];
      const page = readRunbook(name);
      const words = [
        own,
        own.replace(/(?:refresh|jwtbearer|maintain|Topic|ChatTopic)$/, ''),
        own.replace(/^[a-z]+(errors|throttles|silent)$/, '…-$1'),
      ];
      assert.ok(
        words.some((word) => page.includes(`\`${word}\``)),
        `${id}: ${name} has none of ${words}`,
      );
    }
  });
});
