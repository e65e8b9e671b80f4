import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { createJoseSealer } from '../../../functions/adapters/jose-sealer.ts';
import { SealError } from '../../../functions/core/errors.ts';
import type { SealContext } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';

const sealer = createJoseSealer();
const key = new Uint8Array(32).fill(7);
const place: SealContext = {
  connectionId: 'crm.00D5e000001abcdEAA.0055e000001abcdEAA',
  grantId: 'grant-1',
  purpose: 'refresh',
};
const seal = (text = 'the-refresh-token') => sealer.seal(new Secret(text), key, 'key-1', place);
const broken = (error: unknown) =>
  error instanceof SealError && error.code === 'seal_broken' && !error.message.includes('the-refresh-token');

describe('a sealed token', () => {
  it('opens at its place under its key, whatever text it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 4000 }), async (text) => {
        assert.equal((await sealer.open(await seal(text), key, place)).reveal(), text);
      }),
      { numRuns: 50 },
    );
  });

  it('is a compact JWE with direct encryption that names its place and key in the protected header', async () => {
    const sealed = await seal();
    const { place: named, ...header } = decodeProtectedHeader(sealed);
    assert.deepEqual(header, { alg: 'dir', enc: 'A256GCM', kid: 'key-1' });
    assert.match(String(named), /^[\w-]{22}$/);
    assert.match(sealed, /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.ok(!sealed.includes(Buffer.from('the-refresh-token').toString('base64url')));
  });

  it('is never the same twice', async () => {
    assert.notEqual(await seal(), await seal());
  });

  it('does not open at another connection, grant or purpose', async () => {
    const sealed = await seal();
    const elsewhere: SealContext[] = [
      { ...place, connectionId: 'crm.00D5e000001abcdEAA.0055e000001zzzzEAA' },
      { ...place, grantId: 'grant-2' },
      { ...place, purpose: 'access' },
    ];
    for (const context of elsewhere) await assert.rejects(sealer.open(sealed, key, context), broken);
  });

  it('does not open under another key, or one of another length', async () => {
    const sealed = await seal();
    await assert.rejects(sealer.open(sealed, new Uint8Array(32).fill(8), place), broken);
    await assert.rejects(sealer.open(sealed, new Uint8Array(16), place), /must have 32 bytes; got 16/);
  });

  it('does not open when any of its parts was changed, its header included', async () => {
    const parts = (await seal()).split('.');
    const header = { ...decodeProtectedHeader(parts.join('.')), grant: 'grant-2' };
    const forged = [Buffer.from(JSON.stringify(header)).toString('base64url'), ...parts.slice(1)].join('.');
    await assert.rejects(sealer.open(forged, key, { ...place, grantId: 'grant-2' }), broken);
    for (const index of [2, 3, 4]) {
      const part = parts[index] ?? '';
      const changed = parts.with(index, (part.startsWith('A') ? 'B' : 'A') + part.slice(1)).join('.');
      await assert.rejects(sealer.open(changed, key, place), broken);
    }
  });

  it('is refused where it is none: plain text, nothing, too long, or of another algorithm', async () => {
    for (const value of ['', 'plain', 'a.b.c', 'x'.repeat(70_000)]) {
      await assert.rejects(sealer.open(value, key, place), broken);
    }
    const wrapped = await new CompactEncrypt(new TextEncoder().encode('the-refresh-token'))
      .setProtectedHeader({
        alg: 'A256KW',
        enc: 'A256GCM',
        connection: place.connectionId,
        grant: place.grantId,
        purpose: place.purpose,
      })
      .encrypt(key);
    await assert.rejects(sealer.open(wrapped, key, place), broken);
  });
});
