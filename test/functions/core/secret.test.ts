import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from '../../../functions/core/secret.ts';

const canary = 'canary-00D000000000001!AQ';

test('a secret prints as redacted however it is printed', () => {
  const secret = new Secret(canary);
  const printed = [
    String(secret),
    `${secret}`,
    `x${secret}`,
    ['a', secret].join(' '),
    JSON.stringify(secret),
    JSON.stringify({ deep: [{ secret }] }),
    inspect(secret),
    inspect({ deep: [secret] }, { depth: null, showHidden: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    format(secret),
    inspect(new Error('failed', { cause: secret })),
    inspect(new Map([['secret', secret]])),
    JSON.stringify({ ...secret }),
    Object.entries(secret).join(),
    new URLSearchParams({ secret: secret as unknown as string }).toString(),
  ];
  for (const text of printed) assert.ok(!text.includes('canary'), text);
  assert.equal(printed[0], '[redacted]');
  assert.equal(printed[4], '"[redacted]"');
  assert.equal(printed[6], '[redacted]');
});

test('a secret is opened by reveal, and by that alone', () => {
  assert.equal(new Secret(canary).reveal(), canary);
  assert.deepEqual(Reflect.ownKeys(new Secret(canary)), []);
});
