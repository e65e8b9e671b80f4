import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createLocalSigningKeys } from '../../../dev/local/local-signing-keys.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const yearMs = 365 * 86_400_000;
let folder: string;
const keysFolder = () => join(folder, 'keys');
const start = (at = now) =>
  createLocalSigningKeys({ app: 'crm-jwt', keysFolder: keysFolder(), certificateFolder: folder, now: at });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-signing-keys-'));
  mkdirSync(keysFolder());
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the signing key of the local stack', () => {
  it('is made with its certificate at the first start, for its owner only', async () => {
    const keys = await start();
    assert.equal(keys.certificateFile, join(folder, 'crm-jwt.crt'));
    assert.equal(readFileSync(keys.certificateFile, 'utf8'), keys.certificatePem);
    assert.equal(statSync(join(keysFolder(), 'crm-jwt.key')).mode & 0o777, 0o600);
    const [key, ...more] = await keys.of('crm-jwt');
    assert.equal(more.length, 0);
    const { publicKey } = new X509Certificate(keys.certificatePem);
    assert.ok(verify('sha256', Buffer.from('input'), publicKey, await key!.sign('input')));
    assert.ok(!verify('sha256', Buffer.from('other'), publicKey, await key!.sign('input')));
    assert.doesNotMatch(inspect(keys, { depth: 9 }), /PRIVATE/);
  });

  it('is the same after a restart, and so is its certificate', async () => {
    const first = await start();
    const second = await start(now + yearMs);
    assert.equal(second.certificatePem, first.certificatePem);
    assert.deepEqual(
      await (await second.of('crm-jwt'))[0]?.sign('input'),
      await (await first.of('crm-jwt'))[0]?.sign('input'),
    );
  });

  it('gets a new certificate where that has ended, is of another key, or is damaged', async () => {
    const first = await start();
    const later = await start(now + 10 * yearMs);
    assert.notEqual(later.certificatePem, first.certificatePem);
    assert.ok(
      new X509Certificate(later.certificatePem).publicKey.equals(new X509Certificate(first.certificatePem).publicKey),
    );
    writeFileSync(first.certificateFile, 'damaged');
    assert.match((await start()).certificatePem, /BEGIN CERTIFICATE/);
    rmSync(join(keysFolder(), 'crm-jwt.key'));
    const other = await start();
    const signature = await (await other.of('crm-jwt'))[0]!.sign('input');
    assert.ok(verify('sha256', Buffer.from('input'), new X509Certificate(other.certificatePem).publicKey, signature));
  });

  it('knows when its certificate ends', async () => {
    const [end] = await (await start()).certificateEnds('crm-jwt');
    assert.equal(end?.endsAt, now + 3_650 * 86_400_000);
  });

  it('signs for no other app', async () => {
    const keys = await start();
    await assert.rejects(keys.of('crm'), AppMisconfiguredError);
    await assert.rejects(keys.certificateEnds('crm'), AppMisconfiguredError);
  });

  it('is refused where others may read it, or where it is damaged', async () => {
    await start();
    const file = join(keysFolder(), 'crm-jwt.key');
    chmodSync(file, 0o644);
    await assert.rejects(start(), /may be read by others \(mode 644.*chmod 600/);
    chmodSync(file, 0o600);
    writeFileSync(file, 'secret-words');
    await assert.rejects(start(), (error) => {
      assert.match(String(error), /no RSA key in PEM/);
      assert.doesNotMatch(inspect(error), /secret-words/);
      return true;
    });
  });
});
