import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFrontAtMost, othersWaitMs, periodOf } from '../../../functions/core/waiting-readers.ts';
import { takePlace } from '../../../functions/flows/waiting-place.ts';
import { memoryPorts, orgA } from '../../support/memory-ports.ts';

async function crowded() {
  const ports = memoryPorts();
  const inFront = [];
  for (let count = 0; count < inFrontAtMost; count += 1) inFront.push(await takePlace(ports, orgA));
  const [first] = inFront;
  assert.ok(first);
  return { ports, inFront, first };
}

test('the first readers of an org stand in front and wait as long as they like, the next does not', async () => {
  const { ports, inFront } = await crowded();
  const next = await takePlace(ports, orgA);
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
  assert.equal((await takePlace(ports, '00D00000000000ZAAA')).inFront, true);
});

test('whoever waits comes to the front when one there is served', async () => {
  const { ports, first } = await crowded();
  const next = await takePlace(ports, orgA);
  await next.lookAgain();
  assert.equal(next.inFront, false);
  await first.leave(true);
  await next.lookAgain();
  assert.equal(next.inFront, true);
});

test('the others wait on while somebody is served, and go three seconds after', async () => {
  const { ports, first } = await crowded();
  await takePlace(ports, orgA);
  const last = await takePlace(ports, orgA);
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
  const waited = await takePlace(ports, orgA);
  ports.clock.advance(othersWaitMs);
  await waited.leave(false);
  const [moved, next] = [await takePlace(ports, orgA), await takePlace(ports, orgA)];
  assert.deepEqual([moved.inFront, next.isHopeless()], [false, true]);
  await first.leave(true);
  ports.clock.advance(10_000);
  assert.equal((await takePlace(ports, orgA)).isHopeless(), false, 'ten seconds later it is tried again');
});

test('what cannot be counted keeps nobody from its token', async () => {
  const { ports } = await crowded();
  ports.store.disturb('noteReader', 'unavailable');
  const place = await takePlace(ports, orgA);
  assert.equal(place.inFront, true);
  ports.store.disturb('noteReader', 'unavailable');
  await place.leave(true);
  assert.equal(ports.logged.filter((line) => line.includes('cannot be counted')).length, 2);
  const { served } = await ports.store.inner.readersOf(orgA, periodOf(ports.clock.now()));
  assert.equal(served, 0);
});
