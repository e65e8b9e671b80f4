import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brandProblems, contrastOf, defaultColors, leastContrast, paper } from '../../../functions/core/brand.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import { ConfigurationError } from '../../../functions/core/errors.ts';

describe('the contrast of two colours', () => {
  it('is that of WCAG, from 1 to 21, in either order', () => {
    assert.equal(contrastOf('#000000', '#ffffff'), 21);
    assert.equal(contrastOf('#ffffff', '#000000'), 21);
    assert.equal(contrastOf('#1b232d', '#1B232D'), 1);
    // The grey at the border of 4.5 on white, and its neighbour.
    assert.equal(contrastOf('#767676', '#ffffff').toFixed(2), '4.54');
    assert.equal(contrastOf('#777777', '#ffffff').toFixed(2), '4.48');
    assert.equal(contrastOf('#ff0000', '#ffffff').toFixed(2), '4.00');
  });
});

describe("a brand's colours", () => {
  it('are taken where they can be read on their ground, and need not be given', () => {
    assert.deepEqual(brandProblems(undefined), []);
    assert.deepEqual(brandProblems({ name: 'Acme Sync' }), []);
    assert.deepEqual(brandProblems({ name: 'Acme Sync', color: '#767676', colorDark: '#7cc0ff' }), []);
  });

  it('are refused where they cannot, with what they have and what is needed', () => {
    const [light, ...more] = brandProblems({ name: 'Acme Sync', color: '#777777' });
    assert.equal(light?.path, 'brand.color');
    assert.match(light?.message ?? '', /4\.5 or more on #ffffff.*#777777 has 4\.48/);
    assert.deepEqual(more, []);
    // Good on white, but the ground of dark pages is another.
    const [dark] = brandProblems({ name: 'Acme Sync', color: '#0b5cab', colorDark: '#0b5cab' });
    assert.equal(dark?.path, 'brand.colorDark');
    assert.match(dark?.message ?? '', /on #1b232d/);
  });

  it('that are no colours are refused too', () => {
    assert.equal(brandProblems({ name: 'Acme Sync', color: '</style>' }).length, 1);
  });

  it('that stand for none given are readable', () => {
    assert.ok(contrastOf(defaultColors.color, paper.light) >= leastContrast);
    assert.ok(contrastOf(defaultColors.colorDark, paper.dark) >= leastContrast);
  });
});

describe('a brand in the configuration', () => {
  const withBrand = (brand: unknown) =>
    parseConfig({ apps: { crm: { clientId: 'client' } }, brand }, 'grantkeeper.config.ts').brand;

  it('is kept as it is', () => {
    const brand = { name: 'Acme Sync', color: '#0b5cab', colorDark: '#7cc0ff', contact: 'help@acme.example' };
    assert.deepEqual(withBrand(brand), brand);
    assert.equal(withBrand(undefined), undefined);
  });

  it('is refused by its path where a value is not what it should be', () => {
    const refused: [unknown, string][] = [
      [{ name: '' }, 'brand.name'],
      [{ name: 'x'.repeat(61) }, 'brand.name'],
      [{ name: 'Acme Sync', color: 'red' }, 'brand.color'],
      [{ name: 'Acme Sync', color: '#ffffff' }, 'brand.color'],
      [{ name: 'Acme Sync', colorDark: '#000000' }, 'brand.colorDark'],
      [{ name: 'Acme Sync', contact: '' }, 'brand.contact'],
      [{ name: 'Acme Sync', logo: 'https://acme.example/logo.svg' }, 'brand'],
    ];
    for (const [brand, path] of refused) {
      assert.throws(
        () => withBrand(brand),
        (error) => error instanceof ConfigurationError && error.message.includes(path),
        path,
      );
    }
  });
});
