import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equalInConstantTime, hmacSha256Base64, sha256Base64url, sha256Hex } from '../../../functions/core/hash.ts';

test('digests are those of FIPS 180-4 and RFC 4231', () => {
  assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(sha256Base64url('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  assert.equal(
    Buffer.from(hmacSha256Base64('Jefe', 'what do ya want for nothing?'), 'base64').toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('texts are compared whole, whatever their lengths', () => {
  assert.equal(equalInConstantTime('same', 'same'), true);
  for (const other of ['', 'sam', 'Same', 'samee']) assert.equal(equalInConstantTime('same', other), false, other);
});
