import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { circuitCapMs } from '../../../functions/core/circuit.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { leaseMs } from '../../../functions/core/time-limits.ts';
import { appAlertDoer } from '../../../functions/flows/app-alert-duty.ts';
import {
  believedMs,
  type CircuitGuard,
  createCircuitGuard,
  type Pass,
} from '../../../functions/flows/circuit-guard.ts';
import { doDuties } from '../../../functions/flows/do-duties.ts';
import { type MemoryPorts, memoryPorts } from '../../support/memory-ports.ts';

const refused = { kind: 'refused_app', error: 'invalid_client', description: 'invalid client credentials' } as const;

let ports: MemoryPorts;
let guard: CircuitGuard;

beforeEach(() => {
  ports = memoryPorts();
  guard = createCircuitGuard(ports);
});

const state = () => ports.store.inner.apps.read('crm');
const reads = () => ports.store.calls.get('apps.read') ?? 0;

async function pass(attemptId: string, of = guard): Promise<Pass> {
  const answer = await of.ask('crm', attemptId);
  assert.ok(answer.kind === 'go', `${attemptId} was refused`);
  return answer.pass;
}

async function kindOf(attemptId: string, of = guard): Promise<string> {
  return (await of.ask('crm', attemptId)).kind;
}

/** Refused once, and then time passed until a probe may go. */
async function halfOpen(): Promise<void> {
  await (await pass('first')).settle(refused);
  ports.clock.advance((await state())!.openUntil! - ports.clock.now());
}

test('the undisturbed path reads the app once in half a minute and writes nothing', async () => {
  const passes = await Promise.all(Array.from({ length: 10 }, (_, n) => pass(`a${n}`)));
  await Promise.all(passes.map((one) => one.settle({ kind: 'succeeded' })));
  ports.clock.advance(believedMs - 1);
  await (await pass('later')).settle({ kind: 'inconclusive' });
  assert.deepEqual([...ports.store.calls], [['apps.read', 1]]);
  ports.clock.advance(1);
  await pass('latest');
  assert.equal(reads(), 2);
  assert.equal(await state(), undefined);
});

test('a refused app is not asked again, by this process or another, and the connections of others are', async () => {
  await (await pass('first')).settle(refused);
  const { openUntil } = (await state())!;
  const answer = await guard.ask('crm', 'second');
  assert.ok(answer.kind === 'refused');
  assert.equal(answer.until, openUntil);
  assert.match(answer.detail, /crm \(invalid_client: invalid client credentials\)/);
  assert.equal(await kindOf('third', createCircuitGuard(ports)), 'refused');
  assert.equal((await guard.ask('other', 'fourth')).kind, 'go');
});

test('another process that believed the app to be fine finds out after half a minute at most', async () => {
  const other = createCircuitGuard(ports);
  await pass('before', other);
  await (await pass('first')).settle(refused);
  assert.equal(await kindOf('meanwhile', other), 'go');
  await (await pass('probe-1', other)).settle(refused);
  assert.equal(await kindOf('after', other), 'refused');
  assert.equal((await state())?.failures, 1, 'its refusal was under way when the circuit opened');
});

test('once the circuit is known not to be closed, it is read before each request', async () => {
  await halfOpen();
  const before = reads();
  await pass('probe');
  await kindOf('a');
  await kindOf('b');
  assert.equal(reads() - before, 3);
});

test('half-open, one of many is the probe; when it succeeds all go', async () => {
  await halfOpen();
  const others = [createCircuitGuard(ports), createCircuitGuard(ports)];
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((id, n) => (n < 2 ? guard : others[n - 2]!).ask('crm', id)),
  );
  const through = answers.filter((answer) => answer.kind === 'go');
  assert.equal(through.length, 1);
  await through[0]!.pass.settle({ kind: 'succeeded' });
  for (const of of [guard, ...others]) assert.equal(await kindOf('later', of), 'go');
  assert.equal((await state())?.failures, 0);
});

test('a probe that is refused shuts it for longer; one that proves nothing makes way for the next', async () => {
  await halfOpen();
  const probe = await pass('probe');
  await probe.settle({ kind: 'inconclusive' });
  assert.equal(await kindOf('next'), 'go');
  assert.equal((await state())?.probe?.attempt, 'next');

  ports.clock.advance(leaseMs);
  await (await pass('last')).settle(refused);
  assert.equal((await state())?.failures, 2);
  assert.ok((await state())!.openUntil! <= ports.clock.now() + circuitCapMs);
  assert.equal(await kindOf('after'), 'refused');
});

test('only the first outcome of a request counts', async () => {
  await halfOpen();
  const probe = await pass('probe');
  await probe.settle({ kind: 'succeeded' });
  await probe.settle({ kind: 'inconclusive' });
  await probe.settle(refused);
  assert.equal((await state())?.openUntil, undefined);
});

test('a store that fails costs the refresh nothing after the request, and is said before it', async () => {
  const first = await pass('first');
  ports.store.disturb('apps.read', 'unavailable');
  await first.settle(refused);
  assert.match(ports.logged.at(-1) ?? '', /^error: The circuit/);
  assert.equal(await state(), undefined);

  const fresh = createCircuitGuard(ports);
  ports.store.disturb('apps.read', 'unavailable');
  await assert.rejects(fresh.ask('crm', 'a'), StoreUnavailableError);
  assert.equal(await kindOf('b', fresh), 'go', 'a failed read is not remembered');
});

test('a write whose answer was lost finds itself again', async () => {
  const first = await pass('first');
  ports.store.disturb('apps.create', 'retried');
  await first.settle(refused);
  assert.equal((await state())?.failures, 1);

  ports.clock.advance(circuitCapMs);
  ports.store.disturb('apps.replace', 'retried');
  const probe = await pass('probe');
  await probe.settle({ kind: 'succeeded' });
  assert.equal((await state())?.openUntil, undefined);
});

test('the opening owes one alert, published from the duty index', async () => {
  await Promise.all((await Promise.all([pass('a'), pass('b'), pass('c')])).map((one) => one.settle(refused)));
  const pages = await Promise.all(
    Array.from({ length: ports.store.shards }, (_, shard) => ports.store.dueDuties(shard, ports.clock.now(), 10)),
  );
  assert.deepEqual(
    pages.flatMap(({ items }) => items.map(({ holder, id }) => [holder, id])),
    [['app', 'crm']],
  );
  const doers = { alert: appAlertDoer(ports) };
  const after = await doDuties(ports, ports.store.apps, (await state())!, doers);
  await doDuties(ports, ports.store.apps, after, doers);
  assert.deepEqual(
    ports.published.map(({ type, app }) => [type, app]),
    [['app_misconfigured', 'crm']],
  );
});
