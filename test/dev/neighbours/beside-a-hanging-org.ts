/** What is held of an org beside another one that hangs for a minute under readers. No real time is in any figure. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Compared, compare, type Tellings } from '../../../dev/neighbours/compare.ts';
import type { Act, NeighbourOrder } from '../../../dev/neighbours/neighbour-order.ts';
import { tellNeighbours } from '../../../dev/neighbours/neighbour-run.ts';
import { inFrontAtFirst } from '../../../functions/core/waiting-readers.ts';
import { recommendedConcurrency } from '../../../lib/concurrency.ts';

/** What a neighbour notices beside an org that hangs, its readers as `order` says. */
export function describeCrowd(title: string, order: NeighbourOrder): void {
  describe(title, () => {
    let told: Tellings;

    before(async () => {
      told = await tellNeighbours(order);
    });

    it('reads and callbacks of its neighbour are as fast as without, to the millisecond', () => {
      assertExactlyAsFast(told);
    });

    it('half of its reads and more take what they take alone', () => {
      const { alone, hanging } = of(compare(told), 'read');
      if (order.idle !== 'longest idle') assert.equal(hanging.p50, alone.p50);
      assert.equal(hanging.max, alone.max);
    });

    it('its reads of ended tokens and its refreshes are served, as fast as without', () => {
      const compared = compare(told);
      for (const act of ['read after an idle day', 'queued refresh'] as const) assertAsFast(of(compared, act));
    });

    it('the hanging org holds few instances of refresh, and nobody is refused one', () => {
      const { functions, queue, throttled } = told.hanging;
      const peak = functions.get('refresh')?.peak ?? 0;
      assert.ok(peak >= 1 && peak <= refreshesAtMost, `${peak} instances`);
      assert.ok(peak < (recommendedConcurrency.refresh ?? 0));
      for (const [name, { refused }] of functions) assert.equal(refused, 0, `${name} was refused`);
      assert.deepEqual([queue.refusedBatches, throttled], [0, 0]);
    });

    it('its readers were really there, and were told to come again', () => {
      const { functions, readers: answers, tokenRequests } = told.hanging;
      assert.ok((functions.get('token')?.peak ?? 0) >= readers);
      assert.ok((answers[503] ?? 0) >= readers);
      assert.deepEqual(Object.keys(answers), ['200', '503']);
      assert.ok(tokenRequests.mostHanging > 0);
    });

    it('readers of an org that answers are served, each at its first request', () => {
      assert.deepEqual(Object.keys(told.answering.readers), ['200']);
    });
  });
}

/** A read of a live token: in an instance that has the key, in one that opens it first, in one that is started for it. */
const [warmMs, keyMs, coldMs] = [12, 31, 431];
/** What opening its key adds to what else is done. */
const oneKeyMs = keyMs - warmMs;
/** What a refresh that shares its batch with others may wait for its turn. */
const oneRoundMs = 350;
const ratioAtMost = 1.25;
export const readers = 200;
/** Of the hanging org at work in `refresh`: readers' of two minutes, and the queue's. */
export const refreshesAtMost = 3 * inFrontAtFirst + 10;
const quantileNames = ['p50', 'p95', 'max'] as const;

export function of(compared: readonly Compared[], act: Act): Compared {
  const found = compared.find((one) => one.act === act);
  assert.ok(found, `nothing was told of ${act}`);
  return found;
}

export function assertServed({ act, count, failed }: Compared): void {
  assert.ok(count > 0, `no ${act}`);
  assert.equal(failed, 0, `${failed} of the neighbour's were not served: ${act}`);
}

/** To the millisecond: as beside nobody, and as beside an org that answers as many readers. */
export function assertExactlyAsFast(told: Tellings): void {
  const compared = compare(told);
  const [read, callback] = [of(compared, 'read'), of(compared, 'callback')];
  for (const one of [read, callback]) {
    assertServed(one);
    assert.deepEqual(one.hanging, one.answering, `${one.act}, beside the same readers of an org that answers`);
  }
  assert.deepEqual(callback.hanging, callback.alone);
  // A read in an instance that has its org's key takes what it takes alone; the others open it, each instance once.
  const slower = told.hanging.took.read.filter((ms) => ms !== warmMs);
  assert.deepEqual(new Set([keyMs, coldMs, ...slower]), new Set([keyMs, coldMs]));
  assert.ok(
    slower.length <= told.hanging.keysOpened,
    `${slower.length} slower, ${told.hanging.keysOpened} keys opened`,
  );
  assert.ok(told.hanging.keysOpened <= (told.hanging.functions.get('token')?.peak ?? 0));
}

/** Of what waits for `refresh`: which of its instances are warm differs from run to run. */
export function assertAsFast({ act, alone, hanging, ...counts }: Compared): void {
  assertServed({ act, alone, hanging, ...counts });
  for (const quantile of quantileNames) {
    const most = alone[quantile] * ratioAtMost + (act === 'queued refresh' ? oneRoundMs : oneKeyMs);
    assert.ok(hanging[quantile] <= most, `${act}, ${quantile}: ${hanging[quantile]} ms, alone ${alone[quantile]} ms`);
  }
}
