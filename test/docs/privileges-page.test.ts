import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { privilegesPage } from '../../dev/docs/privileges-page.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from '../lib/synthesized.ts';
import { actionsOf, statementsOf } from '../lib/template-reading.ts';

const template = templateWith();
const made = privilegesPage(template, templateWith({ egress: {} }));

it('docs/privileges.md is what the template says (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/privileges.md', import.meta.url), 'utf8');
  assert.equal(page, made);
});

it('it tells every action of every role in its own chapter, and no reference in CloudFormation’s writing', () => {
  for (const name of functionNames) {
    const [, chapter = ''] = made.split(`\n## \`${name}\`\n`);
    const own = chapter.split('\n## ')[0] ?? '';
    for (const action of statementsOf(template, name).flatMap(actionsOf))
      assert.ok(own.includes(`\`${action}\``), action);
  }
  assert.doesNotMatch(made, /Fn::|\[object|undefined/);
});

it('it would be another page with one right more', () => {
  const other = templateWith({ clientSecretPrefix: 'other/' });
  assert.notEqual(privilegesPage(other, templateWith({ egress: {}, clientSecretPrefix: 'other/' })), made);
});
