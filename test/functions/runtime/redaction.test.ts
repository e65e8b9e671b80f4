import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Secret } from '../../../functions/core/secret.ts';
import { createLog } from '../../../functions/runtime/observability.ts';
import { isSecretName, redact, redactText } from '../../../functions/runtime/redaction.ts';

const secretNames = [
  ...['access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'codeVerifier', 'client_secret'],
  ...['clientSecret', 'assertion', 'client_assertion', 'authorization', 'Authorization', 'cookie', 'set-cookie'],
  ...['Set-Cookie', 'cookies', 'state', 'signature', 'secret', 'connect_url', 'connectUrl', 'claim', 'plaintext'],
];

/** A canary: long enough that it stands in no line by chance. */
const canary = fc.stringMatching(/^[A-Za-z0-9_-]{24,40}$/).map((text) => `canary${text}`);
const words = fc.stringMatching(/^[a-z ]{0,20}$/);

/** The looks by which a secret gives itself away in any text. */
const shaped = (secret: string) =>
  fc.constantFrom(
    `00D5e000001abcd!AQ.${secret}`,
    `00D5e000001abcdEAA!${secret}`,
    `5Aep861${secret}`,
    `aPrx${secret}==`,
    `eyJhbGciOiJSUzI1NiJ9.${secret}.${secret}`,
    `eyJhbGciOiJkaXIifQ..${secret}.${secret}.${secret}`,
    `Bearer ${secret}`,
    `https://grants.example.com/oauth/callback?code=${secret}&state=${secret}`,
    `https://grants.example.com/connect/${secret}`,
    `grant_type=refresh_token&refresh_token=${secret}&client_secret=${secret}`,
    `{"access_token":"${secret}","instance_url":"https://x.my.salesforce.com"}`,
    `{\\"refresh_token\\":\\"${secret}\\"}`,
    `cookie: __Host-connect=${secret}`,
  );

/** One value that holds the secret, by type, by name or by look. */
const carrier = (secret: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constant(new Secret(secret)),
    fc.constantFrom(...secretNames).map((name) => ({ [name]: secret })),
    fc.constantFrom(...secretNames).map((name) => ({ [name]: { nested: [secret] } })),
    fc.constantFrom(...secretNames).map((name) => new Map([[name, secret]])),
    fc.constantFrom('authorization', 'cookie').map((name) => new Headers({ [name]: secret })),
    fc.constant(new URLSearchParams({ code: secret })),
    fc.constant(new URL(`https://x.example/oauth/callback?state=${secret}`)),
    fc.constant(new TextEncoder().encode(secret)),
    shaped(secret),
    fc.tuple(words, shaped(secret)).map(([word, text]) => `${word} ${text}`),
    shaped(secret).map((text) => new Error(`failed at ${text}`)),
    shaped(secret).map((text) => new Error('outer', { cause: new TypeError(text) })),
    fc.constant(Object.assign(new Error('sdk'), { $response: { body: secret }, input: secret })),
    fc.constant(new Error('middy', { cause: { package: '@middy/http-router', data: { path: secret } } })),
    fc.constant({ [`https://x.example/connect/${secret}`]: 1 }),
  );

const nested = (secret: string): fc.Arbitrary<unknown> =>
  fc.letrec<{ node: unknown; leaf: unknown }>((tie) => ({
    leaf: carrier(secret),
    node: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.record({ status: fc.integer(), note: words, inner: tie('node') }),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      tie('node').map((value) => new Map([['key', value]])),
      tie('node').map((value) => new Set([value])),
    ),
  })).node;

describe('a written line', () => {
  it('never holds a secret, wherever in the fields it was', () => {
    fc.assert(
      fc.property(
        canary.chain((secret) => fc.tuple(fc.constant(secret), nested(secret), shaped(secret))),
        ([secret, value, message]) => {
          const lines: string[] = [];
          const log = createLog({ service: 'test', write: (line) => lines.push(line) });
          log.error(message, { value, error: value, details: [value] });
          assert.equal(lines.length, 1);
          assert.ok(!lines[0]?.includes(secret), `${secret} in ${lines[0]} from ${inspect(value, { depth: 9 })}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps what is no secret', () => {
    const fields = {
      connection_id: 'integration-with-salesforce.00D5e000001abcdEAA.0055e000001abcdEAA',
      host: 'example--eyecare.sandbox.my.salesforce.com',
      route: 'GET /connect/{secret}',
      error: 'invalid_grant',
      description: 'expired access/refresh token',
      token_type: 'Bearer',
      access_token_sha256: 'a'.repeat(64),
      at: new Date(0),
      list: [1, true, null, 'text'],
    };
    assert.deepEqual(redact(fields), { ...fields, at: '1970-01-01T00:00:00.000Z' });
  });

  it('shows where a secret was, and what stood beside it', () => {
    const fields = {
      token: new Map<string, unknown>([
        ['note', 'kept'],
        ['sealed', new Secret('x')],
      ]),
      n: 1n,
    };
    assert.deepEqual(redact({ fields: [fields.n, new Secret('x')], map: fields.token, set: new Set(['kept']) }), {
      fields: ['1', '[redacted]'],
      map: { note: 'kept', sealed: '[redacted]' },
      set: ['kept'],
    });
  });

  it('tells of an error its name, message, code, stack and cause', () => {
    const error = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'ERR_X' });
    const { name, message, error_code, stack, cause } = redact(error) as Record<string, unknown>;
    assert.deepEqual([name, message, error_code], ['TypeError', 'outer', 'ERR_X']);
    assert.match(String(stack), /redaction\.test\.ts/);
    assert.equal((cause as Record<string, unknown>).message, 'inner');
  });
});

describe('redaction', () => {
  it('survives cycles, depth, length, and members that throw', () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic.self = cyclic;
    assert.deepEqual(redact(cyclic), { a: 1, self: '[circular]' });
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100; level += 1) deep = [deep];
    assert.ok(JSON.stringify(redact(deep)).includes('[too deep]'));
    assert.ok(redactText('x'.repeat(100_000)).length < 9000);
    assert.match(redactText(`eyJhbGciOiJkaXIifQ.${'x'.repeat(100_000)}.y`), /^\[redacted\]/);
    const throwing = Object.defineProperty({}, 'bad', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    assert.equal(redact(throwing), '[unreadable]');
    assert.equal(redact(new Date(Number.NaN)), '[invalid date]');
  });

  it('leaves no piece of a secret where it cuts a long text, wherever in the secret the cut falls', () => {
    const secrets = ['5Aep861KEYwxyz0123456789', 'aPrxKEYwxyz0123456789==', '00D5e000001abcd!AQ.KEYwxyz0123456789'];
    for (const secret of secrets) {
      for (let seen = 0; seen <= secret.length; seen += 1) {
        const text = redactText(`${'word '.repeat(1_700).slice(0, 8_191 - seen)} ${secret} and ${'x'.repeat(9_000)}`);
        assert.doesNotMatch(
          text,
          /KEY|5Aep|aPrx/,
          `${seen} characters of ${secret} before the cut: ${text.slice(-80)}`,
        );
        assert.match(text, /^word word .*… \(\d+ characters\)$/);
      }
    }
  });

  it('keeps all but the word at the cut, and a text that is not cut whole', () => {
    const words = 'word '.repeat(1_638);
    assert.equal(redactText(`${words}wo`), `${words}wo`);
    assert.equal(redactText(`${words}word`), `${words}… (8194 characters)`);
    assert.ok(redactText('x'.repeat(100_000)).startsWith('x'.repeat(8_128)));
  });

  it('knows secret names however they are spelt, and leaves others', () => {
    for (const name of secretNames) assert.ok(isSecretName(name), name);
    for (const name of ['token_type', 'status', 'error_code', 'statement', 'codes_seen', 'scopes', 'key_id']) {
      assert.ok(!isSecretName(name), name);
    }
  });
});
