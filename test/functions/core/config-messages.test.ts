import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { ConfigurationError } from '../../../functions/core/errors.ts';

const crm = { clientId: 'consumer-key' };
const withApp = (change: Record<string, unknown>) => ({ apps: { crm: { ...crm, ...change } } });

function messageOf(input: unknown): string {
  try {
    parseConfig(input, 'c.ts');
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.map(({ message }) => message).join('|');
  }
  return assert.fail('it was taken');
}

test('each refusal of a configuration says what must be, and what was given where that helps', () => {
  const cases: [unknown, RegExp][] = [
    [{ apps: {} }, /^must name at least one app$/],
    [{ apps: { crm }, one: 1 }, /^unknown key one$/],
    [{ apps: { crm }, one: 1, two: 2 }, /^unknown keys one, two$/],
    [{ apps: { CRM: crm } }, /^app names match \[a-z\]\[a-z0-9-\]\{0,30\}$/],
    [withApp({ clientId: 'a b' }), /^must be a consumer key: 1 to 256 printable characters, no spaces$/],
    [withApp({ scopes: ['A', 'refresh_token'] }), /^must be a scope of Salesforce/],
    [withApp({ scopes: ['api', 'web'] }), /refresh_token or offline_access.*got api web$/],
    [
      withApp({ loginUrl: 'https://evil.example' }),
      /^must be an https origin of Salesforce.*got https:\/\/evil\.example$/,
    ],
    [withApp({ returnTo: ['nowhere'] }), /^must be an absolute URL; got nowhere$/],
    [
      withApp({ returnTo: ['http://a.example/b'] }),
      /^must be https \(http only on loopback\); got http:\/\/a\.example\/b$/,
    ],
    [withApp({ returnTo: ['ftp://127.0.0.1/b'] }), /^must be https/],
    [withApp({ returnTo: ['https://a.example/b?c'] }), /no query, fragment or user.*got https:\/\/a\.example\/b$/],
    [withApp({ returnTo: ['https://:secret@a.example/b'] }), /got https:\/\/a\.example\/b$/],
    [{ apps: { crm }, publicUrl: 'https://a.example/b' }, /^must be an origin.*got https:\/\/a\.example\/b$/],
    [{ apps: { crm }, publicUrl: 'http://a.example' }, /^must be https.*got http:\/\/a\.example$/],
    [
      withApp({ clientAuthentication: 'none', clientSecretMaxAgeDays: 90 }),
      /^has no effect with clientAuthentication none.*leave it out$/,
    ],
    [{ apps: { crm }, loopbackReturnTo: 1 }, /expected boolean/],
  ];
  for (const [input, message] of cases) assert.match(messageOf(input), message);
});
