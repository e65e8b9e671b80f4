/** Whoever is told of something finds a page about it, which can be done. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { chatMessageOf } from '../../functions/adapters/sns-chat-topic.ts';
import { alertWords, expiryWords } from '../../functions/core/alert-words.ts';
import { runbookOf, withRunbook } from '../../functions/core/runbooks.ts';
import { templateWith } from '../lib/synthesized.ts';
import { resourcesOf } from '../lib/template-reading.ts';
import { composedAlerts } from '../support/composed-alerts.ts';
import { blocksOf, readRunbook, root, runbookNames } from './runbook-page.ts';

const template = templateWith({ alerts: { https: ['https://hooks.example.com/'] } });
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
  id,
  text: String(Properties.AlarmDescription),
}));
const dashboard = JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Dashboard'));
const pagesIn = (text: string) => [...text.matchAll(/docs\/runbooks\/([a-z-]+)\.md/g)].map(([, name = '']) => name);

describe('the runbook of an alert', () => {
  it('exists, for each type and each cause that is composed, and stands at the end of its remedy', () => {
    const seen = new Set<string>();
    for (const { what, alert } of composedAlerts) {
      const told = withRunbook(alert);
      const [name = '', ...more] = pagesIn(told.remedy);
      assert.ok(runbookNames.includes(name), `${what}: ${name}`);
      assert.deepEqual(more, [], what);
      seen.add(alert.type);
    }
    assert.deepEqual([...seen].toSorted(), Object.keys(alertWords).toSorted());
    for (const cause of Object.keys(expiryWords))
      assert.ok(existsSync(join(root, runbookOf({ type: 'expiry_approaching', cause }))), cause);
  });

  it('is whole in a chat, too', () => {
    for (const { what, alert } of composedAlerts) {
      const [step = ''] = chatMessageOf(withRunbook(alert)).content.nextSteps;
      assert.ok(pagesIn(step).length === 1, what);
    }
  });

  it('is that of the cause, where the type has several', () => {
    assert.equal(
      runbookOf({ type: 'fleet_incident', cause: 'salesforce_unavailable' }),
      'docs/runbooks/salesforce-down.md',
    );
    assert.equal(runbookOf({ type: 'fleet_incident', cause: 'constructor' }), 'docs/runbooks/fleet-dies.md');
    assert.equal(
      runbookOf({ type: 'expiry_approaching', cause: 'signing_certificate_ends' }),
      'docs/runbooks/rotate-signing-key.md',
    );
  });
});

describe('the runbook of an alarm', () => {
  it('exists, and is named once in its description', () => {
    assert.ok(alarms.length > 25);
    for (const { id, text } of alarms) {
      const named = pagesIn(text);
      assert.equal(named.length, 1, `${id}: ${text}`);
      assert.ok(runbookNames.includes(named[0] ?? ''), `${id}: ${named}`);
      assert.ok(text.length <= 1_024, id);
    }
  });
});

describe('every runbook', () => {
  const elsewhere = globSync(['README.md', 'SECURITY.md', 'docs/*.md'], { cwd: root }).map((page) =>
    readFileSync(join(root, page), 'utf8'),
  );
  const named = new Set([
    ...composedAlerts.flatMap(({ alert }) => pagesIn(withRunbook(alert).remedy)),
    ...alarms.flatMap(({ text }) => pagesIn(text)),
    ...pagesIn(dashboard),
    ...elsewhere.flatMap((text) => [...text.matchAll(/runbooks\/([a-z-]+)\.md/g)].map(([, name = '']) => name)),
    ...[...readRunbook('leaked-secret').matchAll(/\]\(([a-z-]+)\.md\)/g)].map(([, name = '']) => name),
  ]);

  for (const name of runbookNames) {
    it(`is named by an alert, an alarm, the dashboard or a page, and is in the index: ${name}`, () => {
      assert.ok(named.has(name), name);
      assert.match(readRunbook('README'), new RegExp(`^\\| \\[${name}\\]\\(${name}\\.md\\)`, 'm'));
    });
  }

  it('on the dashboard exists', () => {
    assert.ok(pagesIn(dashboard).length >= 8);
    for (const name of pagesIn(dashboard)) assert.ok(runbookNames.includes(name), name);
  });
});

/** Those that something wakes a person with; the others are procedures, with steps of their own. */
const incidents = runbookNames.filter((name) => /^## When$/m.test(readRunbook(name)));

describe('the page of an incident', () => {
  it('is one for each that this file is about', () => {
    const expected = [
      'alerts-not-delivered',
      'backlog',
      'connection-dies',
      'fleet-dies',
      'function-fails',
      'leaked-secret',
      'lifeboat-not-empty',
      'lost-region',
      'org-dies',
      'salesforce-down',
    ];
    assert.deepEqual(
      expected.filter((name) => !incidents.includes(name)),
      [],
    );
  });

  for (const name of incidents) {
    it(`has all its parts, and a command to look, to do and to check: ${name}`, () => {
      const headings = [...readRunbook(name).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
      assert.deepEqual(headings.slice(0, 6), ['When', 'How bad', 'Look', 'Do', 'Check', 'Afterwards']);
      for (const part of ['Look', 'Do', 'Check']) {
        assert.ok(
          blocksOf(readRunbook(name)).some(({ section }) => section === part),
          `${part} has no command`,
        );
      }
    });

    it(`begins with the shell that its commands need: ${name}`, () => {
      const [first] = blocksOf(readRunbook(name));
      assert.match(first?.script ?? '', /^\. docs\/runbooks\/shell\.sh$/m);
    });
  }
});
