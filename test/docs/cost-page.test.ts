import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { assumptions } from '../../dev/cost/assumptions.ts';
import { billOf } from '../../dev/cost/bill.ts';
import { readKept } from '../../dev/cost/kept.ts';
import { costPage, sizes } from '../../dev/cost/page.ts';
import { quotasOf } from '../../dev/cost/quotas.ts';

const kept = readKept();

it('docs/cost.md is what the script computes from what is kept (npm run cost -- --write)', () => {
  const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');
  assert.equal(page, costPage(kept));
});

it('it would be another page with another assumption, and another measure', () => {
  assert.notEqual(costPage(kept, { ...assumptions, inUseShare: 0.31 }), costPage(kept));
  const measured = { ...kept.measured, usage: { ...kept.measured.usage, read: { 'api.requests': 1 } } };
  assert.notEqual(costPage({ ...kept, measured }), costPage(kept));
});

it('it bills a thousand, a hundred thousand and a million connections, each by its sum', () => {
  assert.deepEqual(sizes, [1_000, 100_000, 1_000_000]);
  for (const size of sizes) {
    const { totalUsd } = billOf(size, kept.measured, kept.standing, assumptions);
    const sum = totalUsd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    assert.ok(costPage(kept).includes(`**${sum}**`), sum);
  }
});

it('each quota says what meets it, and the number at which it binds or that it is not met', () => {
  for (const { where, quota, meets, binds } of quotasOf(kept.measured, assumptions)) {
    assert.ok(where !== '' && quota !== '' && meets !== '');
    assert.match(binds, /\d|not met|sixth/, where);
    assert.doesNotMatch(`${quota} ${meets} ${binds}`, /NaN|Infinity|undefined/);
  }
});

it('reads bind at ten a second of an instance, not at how short they are', () => {
  const lambda = quotasOf(kept.measured, assumptions).find(({ where }) => where === 'Lambda');
  assert.match(lambda?.binds ?? '', /^7,980 reads a second: 14,364,000 connections in use/);
});

it('says which size reads more than our API takes by default', () => {
  assert.match(costPage(kept), /A deployment of 1,000,000 needs a larger `apiRequestsPerSecond`\./);
  assert.doesNotMatch(costPage(kept, { ...assumptions, readsPerDayInUse: 1 }), /needs a larger/);
});
