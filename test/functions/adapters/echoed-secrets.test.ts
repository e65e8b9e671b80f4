import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { withoutEchoes } from '../../../functions/adapters/echoed-secrets.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';

const answer = (status: number, body: string): RawAnswer => ({
  kind: 'answer',
  status,
  contentType: 'text/html',
  body: new Secret(body),
});
const textOf = (raw: RawAnswer) => (raw.kind === 'answer' ? raw.body.reveal() : '');
const names = ['code', 'code_verifier', 'client_secret', 'assertion', 'refresh_token', 'token'] as const;

describe('an answer that repeats what was sent', () => {
  for (const name of names) {
    it(`is rid of ${name}, however it is written`, () => {
      fc.assert(
        fc.property(fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme-ascii' }), (secret) => {
          const sent = new URLSearchParams({ grant_type: 'refresh_token', [name]: secret });
          const echoes = [secret, encodeURIComponent(secret), sent.toString(), JSON.stringify({ secret })];
          for (const echo of echoes) {
            const clean = textOf(withoutEchoes(answer(400, `<p>${echo}</p>`), sent));
            assert.ok(clean.includes('[redacted]') && !clean.includes(`<p>${echo}</p>`), clean);
          }
        }),
      );
    });
  }

  it('keeps the refresh token in a success, which may be the answer, and takes the rest out', () => {
    const sent = new URLSearchParams({ refresh_token: 'the-refresh-token', client_secret: 'the-client-secret' });
    const body = '{"refresh_token":"the-refresh-token","scope":"the-client-secret"}';
    assert.equal(textOf(withoutEchoes(answer(200, body), sent)), body.replace('the-client-secret', '[redacted]'));
  });

  it('is left as it is where it repeats nothing, or something too short to be a secret', () => {
    const plain = answer(400, '{"error":"invalid_grant","error_description":"a b"}');
    assert.equal(withoutEchoes(plain, new URLSearchParams({ code: 'a', client_id: 'invalid_grant' })), plain);
    assert.equal(withoutEchoes(plain, undefined), plain);
    const none: RawAnswer = { kind: 'no_answer', reason: 'timeout' };
    assert.equal(withoutEchoes(none, 'code=12345678'), none);
  });
});
