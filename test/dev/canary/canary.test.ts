import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canaryIn, mark, marked } from '../../../dev/canary/canary.ts';
import { withCanaries } from '../../../dev/canary/with-canaries.ts';
import { createSystemRandom } from '../../../functions/adapters/system-random.ts';
import { newId, newSecretText } from '../../../functions/core/new-id.ts';

const surroundings = fc.string({ maxLength: 40 });
const secret = `00D5e000001abcd!AQ${mark}.more`;

describe('a canary', () => {
  const disguises: Readonly<Record<string, (text: string) => string>> = {
    'as it is': (text) => text,
    'in a URL': encodeURIComponent,
    'in JSON within JSON': (text) => JSON.stringify(JSON.stringify({ text })),
    'in HTML': (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    'as a host name': (text) => text.toLowerCase(),
    'in base64': (text) => Buffer.from(text).toString('base64'),
    'in base64url': (text) => Buffer.from(text).toString('base64url'),
    'in hex': (text) => Buffer.from(text).toString('hex'),
  };
  for (const [where, disguise] of Object.entries(disguises)) {
    it(`is found ${where}, whatever stands around it`, () => {
      fc.assert(
        fc.property(surroundings, surroundings, (before, after) => {
          const text = disguise(`${before.toWellFormed()}${secret}${after.toWellFormed()}`);
          assert.notEqual(canaryIn(text), undefined, text);
        }),
      );
    });
  }

  it('is not found where there is none', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => canaryIn(text) === undefined));
    assert.equal(canaryIn('A canary sang; xCANARY and CANARYx are none.'), undefined);
  });

  it('is told by what led to it, and is not told itself', () => {
    const told = canaryIn(`refresh_token=${secret}`) ?? '';
    assert.match(told, /refresh_token=/);
    assert.equal(canaryIn(told), undefined);
    assert.ok(!told.includes('more'));
  });
});

describe('randomness with canaries', () => {
  const random = withCanaries(createSystemRandom());

  it('marks what is drawn as a secret, in all its writings, and no id', () => {
    const drawn = random.bytes(32);
    for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      assert.notEqual(canaryIn(Buffer.from(drawn).toString(encoding)), undefined, encoding);
    }
    assert.notEqual(canaryIn(newSecretText(random)), undefined);
    assert.equal(canaryIn(newId(random)), undefined);
  });

  it('still draws another one each time, and leaves the bytes that it was given alone', () => {
    const given = new Uint8Array(32);
    marked(given);
    assert.deepEqual(given, new Uint8Array(32));
    assert.equal(new Set(Array.from({ length: 100 }, () => newSecretText(random))).size, 100);
  });
});
