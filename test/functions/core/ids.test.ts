import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  appPattern,
  connectionIdOf,
  labelPattern,
  orgIdPattern,
  parseConnectionId,
  sessionIdPattern,
  userIdPattern,
} from '../../../functions/core/ids.ts';

const alphanumeric = fc.stringMatching(/^[A-Za-z0-9]{15}$/);

test('a connection id is made of its parts and comes apart into them again', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/), alphanumeric, alphanumeric, (app, org, user) => {
      const parts = { app, orgId: `00D${org}`, userId: `005${user}` };
      assert.deepEqual(parseConnectionId(connectionIdOf(parts)), parts);
    }),
  );
});

test('what is no connection id does not come apart', () => {
  const org = `00D${'a'.repeat(15)}`;
  const user = `005${'b'.repeat(15)}`;
  assert.ok(parseConnectionId(`crm.${org}.${user}`));
  for (const id of [
    '',
    'crm',
    `crm.${org}`,
    `crm.${org}.${user}.x`,
    `.${org}.${user}`,
    `Crm.${org}.${user}`,
    `crm.${user}.${org}`,
    `crm.${org.slice(0, -1)}.${user}`,
    `crm.${org}.${user}x`,
    `crm.${org}.${user}\n`,
    ` crm.${org}.${user}`,
  ]) {
    assert.equal(parseConnectionId(id), undefined, JSON.stringify(id));
  }
});

test('each name is taken up to its last allowed character and refused after it', () => {
  const edges: [RegExp, string[], string[]][] = [
    [appPattern, ['a', `a${'-'.repeat(30)}`], ['', 'A', '1a', '-a', 'a.b', 'a_b', `a${'a'.repeat(31)}`]],
    [labelPattern, ['a', 'A.b_c-9', 'x'.repeat(128)], ['', 'a b', 'a/b', 'ä', 'a\n', 'x'.repeat(129)]],
    [orgIdPattern, [`00D${'Z'.repeat(15)}`], [`00D${'Z'.repeat(12)}`, `005${'Z'.repeat(15)}`, `00d${'Z'.repeat(15)}`]],
    [userIdPattern, [`005${'9'.repeat(15)}`], [`005${'9'.repeat(16)}`, `00D${'9'.repeat(15)}`]],
    [sessionIdPattern, ['-_'.repeat(21).concat('A')], ['a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`]],
  ];
  for (const [pattern, good, bad] of edges) {
    for (const text of good) assert.match(text, pattern);
    for (const text of bad) assert.doesNotMatch(text, pattern, JSON.stringify(text));
  }
});
