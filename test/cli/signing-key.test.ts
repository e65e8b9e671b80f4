import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import type { SigningKeyOptions } from '../../cli/command-line.ts';
import { createKmsKeyRing } from '../../cli/kms-key-ring.ts';
import { signingKey } from '../../cli/signing-key.ts';
import { certificateEndsTag } from '../../functions/adapters/signing-key-names.ts';
import { createSystemRandom } from '../../functions/adapters/system-random.ts';
import { parseConfig } from '../../functions/core/config.ts';
import { Secret } from '../../functions/core/secret.ts';
import { playedKms } from './played-kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-cli-'));
after(() => rmSync(folder, { recursive: true }));
const now = Date.parse('2026-11-21T12:00:00Z');
const config = parseConfig(
  { apps: { crm: { clientId: 'browser-client' }, 'crm-jwt': { clientId: 'jwt-client', flow: 'jwt_bearer' } } },
  'the test',
);
let files = 0;

async function commandOn(test: TestContext, answer = { access_token: 'a-token' } as object) {
  const kms = await playedKms(test);
  const ring = createKmsKeyRing({ client: kms.client, prefix: 'Grantkeeper/', app: 'crm-jwt' });
  const asked: { loginUrl: string; assertion: string }[] = [];
  files += 1;
  const out = join(folder, `${files}.crt`);
  const run = (options: Partial<SigningKeyOptions> = {}) =>
    signingKey(
      { app: 'crm-jwt', prefix: 'Grantkeeper/', config: 'c.ts', out, days: 730, rotate: false, ...options },
      {
        config,
        ringOf: () => ring,
        random: createSystemRandom(),
        now: () => now,
        salesforce: {
          exchangeAssertion: async (loginUrl, assertion) => {
            asked.push({ loginUrl, assertion: assertion.reveal() });
            const status = 'error' in answer ? 400 : 200;
            return {
              kind: 'answer',
              status,
              contentType: 'application/json',
              body: new Secret(JSON.stringify(answer)),
            };
          },
        },
      },
    );
  return { kms, run, out, asked };
}

const certificateAt = (file: string) => new X509Certificate(readFileSync(file));

describe('the command signing-key', () => {
  it('makes a key, writes its certificate, notes its end and says what to do by the names of the menu', async (test) => {
    const { kms, run, out } = await commandOn(test);
    const { lines, good } = await run();
    assert.ok(good);
    const [key] = kms.keys.values();
    assert.ok(certificateAt(out).checkPrivateKey(key!.privateKey));
    assert.equal(key?.tags.get(certificateEndsTag), '2028-11-20T12:00:00.000Z');
    assert.match(
      lines.join('\n'),
      /External Client App Manager > .*jwt-client > Settings > OAuth Settings > Enable JWT Bearer Flow/,
    );
    assert.match(lines.join('\n'), /pre-authorized/);
    assert.doesNotMatch(lines.join('\n'), /PRIVATE/);
  });

  it('writes another certificate of the same key when it is run again', async (test) => {
    const { kms, run, out } = await commandOn(test);
    await run();
    const first = certificateAt(out);
    await run({ days: 30 });
    const second = certificateAt(out);
    assert.ok(second.publicKey.equals(first.publicKey));
    assert.notEqual(second.serialNumber, first.serialNumber);
    assert.equal(kms.keys.size, 1);
    assert.equal([...kms.keys.values()][0]?.tags.get(certificateEndsTag), '2026-12-21T12:00:00.000Z');
  });

  it('makes a second key to rotate, then retires the first, and says what comes next', async (test) => {
    const { run, out } = await commandOn(test);
    await run();
    const first = certificateAt(out);
    const rotated = await run({ rotate: true, prefix: 'Other/' });
    assert.ok(!certificateAt(out).publicKey.equals(first.publicKey));
    assert.match(rotated.lines.join('\n'), /signing-key crm-jwt --stack-prefix Other\/ --key 2 --try USERNAME/);
    assert.match(rotated.lines.join('\n'), /--retire 1$/m);
    const retired = await run({ retire: '1' });
    assert.match(retired.lines.join('\n'), /deletes it in 30 days/);
    await assert.rejects(run({ retire: '2' }), { name: 'CommandError', message: /only one/ });
  });

  it('certifies a key whose certificate was not written before a death', async (test) => {
    const { kms, run, out } = await commandOn(test);
    await run();
    kms.failures.set('Sign', { type: 'KMSInternalException' });
    await assert.rejects(run({ rotate: true }), { name: 'KMSInternalException' });
    kms.failures.clear();
    await assert.rejects(run({ retire: '1' }), { name: 'CommandError', message: /no certificate yet/ });
    await run({ key: '2' });
    const second = kms.keys.get(kms.aliases.get('alias/Grantkeeper/crm-jwt/signing-2') ?? '');
    assert.ok(certificateAt(out).checkPrivateKey(second!.privateKey));
  });

  it('makes nothing where the file is another thing than a certificate', async (test) => {
    const { kms, run, out } = await commandOn(test);
    writeFileSync(out, 'precious');
    await assert.rejects(run(), { name: 'CommandError', message: /is no certificate/ });
    assert.equal(readFileSync(out, 'utf8'), 'precious');
    await assert.rejects(run({ out: folder }), { name: 'CommandError', message: /EISDIR/ });
    await assert.rejects(run({ out: join(folder, 'none', 'a.crt') }), { name: 'CommandError', message: /ENOENT/ });
    assert.equal(kms.keys.size, 0);
  });

  it('refuses an app that is not there or signs nothing', async (test) => {
    const { kms, run, out } = await commandOn(test);
    await assert.rejects(run({ app: 'crm' }), { name: 'CommandError', message: /flow authorization_code.*jwt_bearer/ });
    await assert.rejects(run({ app: 'other' }), {
      name: 'CommandError',
      message: /c\.ts has no app other; it has crm, crm-jwt/,
    });
    await assert.rejects(run({ app: 'constructor' }), { name: 'CommandError' });
    assert.equal(kms.calls.length, 0);
    assert.ok(!existsSync(out));
  });
});

describe('trying keys', () => {
  it('asks Salesforce with each, or the one named, and shows no token', async (test) => {
    const { run, asked } = await commandOn(test);
    await run();
    await run({ rotate: true });
    const { good, lines } = await run({ try: 'ada@acme.example' });
    assert.ok(good);
    assert.deepEqual(lines, [
      'Salesforce takes key 1 of crm-jwt for ada@acme.example.',
      'Salesforce takes key 2 of crm-jwt for ada@acme.example.',
    ]);
    assert.equal((await run({ try: 'ada@acme.example', key: '2' })).lines.length, 1);
    assert.equal(asked.length, 3);
    const claims = JSON.parse(Buffer.from(asked[0]?.assertion.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual(
      [claims.iss, claims.sub, claims.aud],
      ['jwt-client', 'ada@acme.example', 'https://login.salesforce.com'],
    );
    assert.equal(asked[0]?.loginUrl, 'https://login.salesforce.com');
  });

  it('is not good where none is taken, and says why', async (test) => {
    const { run } = await commandOn(test, { error: 'invalid_grant', error_description: 'invalid assertion' });
    await run();
    const { good, lines } = await run({ try: 'ada@acme.example' });
    assert.ok(!good);
    assert.match(lines.join(), /does not take key 1 .*: invalid_grant \(invalid assertion\)/);
    await assert.rejects(run({ try: 'ada@acme.example', key: '2' }), { name: 'CommandError', message: /no key 2/ });
  });
});
