import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertNoneStored } from '../../../dev/deploy-test/stored-tokens.ts';

const token =
  '00D5g000004aCmeEAE!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B8fLEz6n04NPGRrq0FM';

describe('the search for tokens in the table', () => {
  for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
    it(`finds one that stands there as ${encoding}`, () => {
      const stored = encoding === 'utf8' ? token : Buffer.from(token).toString(encoding);
      assert.throws(
        () => assertNoneStored([{ pk: 'x', grant: { accessToken: stored } }], ['other', token]),
        /token 2 of 2/,
      );
    });
  }

  it('passes where there is none', () => {
    assert.doesNotThrow(() => assertNoneStored([{ pk: 'x', grant: { accessToken: 'a.b.c.d.e' } }], [token]));
  });
});
