import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFrontAtFirst, inFrontAtMost, othersWaitMs, periodOf } from '../../../functions/core/waiting-readers.ts';
import { takePlace, type WaitingPlace } from '../../../functions/flows/waiting-place.ts';
import { memoryPorts, orgA } from '../../support/memory-ports.ts';

async function crowded(afterMs = 0) {
  const ports = memoryPorts();
  ports.clock.advance(afterMs);
  const inFront = [];
  for (let count = 0; count < inFrontAtFirst; count += 1) inFront.push(await takePlace(ports, orgA, 200));
  const [first] = inFront;
  assert.ok(first);
  return { ports, inFront, first };
}

test('the first readers of an org stand in front and wait as long as they like, the next does not', async () => {
  const { ports, inFront } = await crowded();
  const next = await takePlace(ports, orgA, 200);
  assert.deepEqual(
    [...inFront, next].map((one) => one.inFront),
    [...inFront.map(() => true), false],
  );
  ports.clock.advance(20_000);
  assert.deepEqual(
    [...inFront, next].map((one) => one.isHopeless()),
    [...inFront.map(() => false), true],
  );
});

test('readers of another org do not stand behind them', async () => {
  const { ports } = await crowded();
  assert.equal((await takePlace(ports, '00D00000000000ZAAA', 200)).inFront, true);
});

test('whoever waits comes to the front when one there leaves, and two when one is served', async () => {
  const { ports, inFront, first } = await crowded();
  const next: WaitingPlace[] = [];
  for (let count = 0; count < 4; count += 1) next.push(await takePlace(ports, orgA, 200));
  const inFrontNow = async () => {
    for (const one of next) await one.lookAgain();
    return next.filter((one) => one.inFront).length;
  };
  assert.equal(await inFrontNow(), 0);
  await first.leave(false);
  assert.equal(await inFrontNow(), 1);
  await inFront[1]?.leave(true);
  assert.equal(await inFrontNow(), 3);
});

test('the others wait on while somebody is served, and go three seconds after', async () => {
  const { ports, first } = await crowded();
  for (let count = 0; count < 2; count += 1) await takePlace(ports, orgA, 200);
  const last = await takePlace(ports, orgA, 200);
  ports.clock.advance(othersWaitMs - 1);
  assert.equal(last.isHopeless(), false);
  await first.leave(true);
  await last.lookAgain();
  assert.equal(last.inFront, false, 'it was another one’s turn');
  ports.clock.advance(othersWaitMs - 1);
  assert.equal(last.isHopeless(), false);
  ports.clock.advance(1);
  assert.equal(last.isHopeless(), true);
});

test('where somebody has just waited for nothing, the next one need not, unless there is room in front', async () => {
  const { ports, first } = await crowded();
  const waited = await takePlace(ports, orgA, 200);
  ports.clock.advance(othersWaitMs);
  await waited.leave(false);
  const [moved, next] = [await takePlace(ports, orgA, 200), await takePlace(ports, orgA, 200)];
  assert.deepEqual([moved.inFront, next.isHopeless()], [false, true]);
  await first.leave(true);
  ports.clock.advance(10_000);
  assert.equal((await takePlace(ports, orgA, 200)).isHopeless(), false, 'ten seconds later it is tried again');
});

test('what cannot be counted keeps nobody from its token', async () => {
  const { ports } = await crowded();
  ports.store.disturb('noteReader', 'unavailable');
  const place = await takePlace(ports, orgA, 200);
  assert.equal(place.inFront, true);
  ports.store.disturb('noteReader', 'unavailable');
  await place.leave(true);
  assert.equal(ports.logged.filter((line) => line.includes('cannot be counted')).length, 2);
  const { served } = await ports.store.inner.readersOf(orgA, periodOf(ports.clock.now()));
  assert.equal(served, 0);
});

/** In front of an org that hangs, with one behind them; it is known to hang once another one gave up. */
async function hanging(afterMs = 0) {
  const { ports, inFront } = await crowded(afterMs);
  const gaveUp = await takePlace(ports, orgA, 200);
  ports.clock.advance(othersWaitMs);
  const waits = await takePlace(ports, orgA, 200);
  await gaveUp.leave(false);
  return { ports, inFront, waits };
}

test('those who are turned away at once move nobody up who came before them', async () => {
  const { ports, inFront, waits } = await hanging();
  for (let count = 0; count < 30; count += 1) {
    const late = await takePlace(ports, orgA, 200);
    assert.equal(late.isHopeless(), true);
    await late.leave(false);
  }
  await waits.lookAgain();
  assert.equal(waits.inFront, false);
  for (const one of inFront) await one.leave(false);
  await waits.lookAgain();
  assert.equal(waits.inFront, true);
  assert.equal((await takePlace(ports, orgA, 200)).inFront, true, 'those who are gone stand before nobody');
});

test('a minute that begins knows that the org hung at the end of the one before', async () => {
  const { ports } = await hanging(60_000 - othersWaitMs - 1);
  ports.clock.advance(1);
  for (let count = 0; count < inFrontAtFirst; count += 1) {
    assert.equal((await takePlace(ports, orgA, 200)).inFront, true);
  }
  const next = await takePlace(ports, orgA, 200);
  assert.equal(next.isHopeless(), true);
  await next.leave(false);
  assert.equal((await takePlace(ports, orgA, 200)).isHopeless(), true);
  ports.clock.advance(10_000);
  assert.equal((await takePlace(ports, orgA, 200)).isHopeless(), false, 'and finds out anew ten seconds later');
});

test('where as many wait as may, the next one is told to come again, and nobody takes the org to hang for it', async () => {
  const { ports } = await crowded();
  for (let count = inFrontAtFirst; count < inFrontAtMost; count += 1) await takePlace(ports, orgA, inFrontAtMost + 1);
  const last = await takePlace(ports, orgA, inFrontAtMost + 1);
  const over = await takePlace(ports, orgA, inFrontAtMost + 1);
  assert.deepEqual([last.isHopeless(), over.isHopeless()], [false, true]);
  await over.leave(false);
  await last.leave(false);
  assert.equal((await takePlace(ports, orgA, inFrontAtMost + 1)).isHopeless(), false);
});

test('whoever soon learns what is wrong with its own connection does not make its org hang', async () => {
  const { ports, first } = await crowded();
  ports.clock.advance(othersWaitMs - 1);
  await first.leave(false);
  await takePlace(ports, orgA, 200);
  assert.equal((await takePlace(ports, orgA, 200)).isHopeless(), false);
});
