import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHostGate, type GateAnswer } from '../../../functions/flows/host-gate.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';

const login = 'https://login.salesforce.com';

/** Another one each time. */
let orgs = 0;
function orgOf(): string {
  orgs += 1;
  return `org-${orgs}`;
}

function leaveOf(answer: GateAnswer): () => void {
  assert.ok(answer.kind === 'entered');
  return answer.leave;
}

test('so many are inside for one host, and others of another host do not wait for them', async () => {
  const gate = createHostGate({ clock: createSteppedClock(), limit: 2 });
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'entered');
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'entered');
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'full');
  assert.equal((await gate.enter('https://test.salesforce.com', orgOf(), 0)).kind, 'entered');
});

test('who waits is let in when another leaves, first come first served', async () => {
  const clock = createSteppedClock();
  const gate = createHostGate({ clock, limit: 1 });
  const order: string[] = [];
  const leave = leaveOf(await gate.enter(login, orgOf(), 0));
  const noting = async (name: string) => {
    const answer = await gate.enter(login, orgOf(), 1_000);
    order.push(name);
    return answer;
  };
  const first = noting('first');
  const second = noting('second');
  await clock.settle();
  assert.deepEqual(order, []);
  leave();
  leaveOf(await first)();
  await second;
  assert.deepEqual(order, ['first', 'second']);
});

test('who waited long enough goes away, and its place is free for others', async () => {
  const clock = createSteppedClock();
  const gate = createHostGate({ clock, limit: 1 });
  const leave = leaveOf(await gate.enter(login, orgOf(), 0));
  const waiting = gate.enter(login, orgOf(), 5_000);
  await clock.pass(4_999);
  await clock.pass(1);
  assert.deepEqual(await waiting, { kind: 'full' });
  leave();
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'entered');
});

test('who was let in is not turned away when its waiting time ends', async () => {
  const clock = createSteppedClock();
  const gate = createHostGate({ clock, limit: 1 });
  const leave = leaveOf(await gate.enter(login, orgOf(), 0));
  const waiting = gate.enter(login, orgOf(), 5_000);
  leave();
  await clock.pass(10_000);
  assert.equal((await waiting).kind, 'entered');
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'full');
});

test('the queue has an end', async () => {
  const clock = createSteppedClock();
  const gate = createHostGate({ clock, limit: 1, waitingAtMost: 1 });
  await gate.enter(login, orgOf(), 0);
  void gate.enter(login, orgOf(), 1_000);
  assert.deepEqual(await gate.enter(login, orgOf(), 1_000), { kind: 'full' });
});

test('one org never has all places, and whoever comes from another passes by those of it that wait', async () => {
  const clock = createSteppedClock();
  const gate = createHostGate({ clock, limit: 3 });
  const [first, second] = [await gate.enter(login, 'hangs', 0), await gate.enter(login, 'hangs', 0)];
  const third = gate.enter(login, 'hangs', 5_000);
  const other = await gate.enter(login, 'works', 0);
  assert.deepEqual(
    [first, second, other].map(({ kind }) => kind),
    ['entered', 'entered', 'entered'],
  );
  const another = gate.enter(login, 'works', 5_000);
  leaveOf(other)();
  assert.equal((await another).kind, 'entered', 'the place was kept for the org that has its share');
  leaveOf(first)();
  assert.equal((await third).kind, 'entered');
});

test('an org that is alone has one place less than there are, and the only one where there is one', async () => {
  const clock = createSteppedClock();
  const six = createHostGate({ clock });
  const kinds = await Promise.all(Array.from({ length: 6 }, () => six.enter(login, 'alone', 0)));
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['entered', 'entered', 'entered', 'entered', 'entered', 'full'],
  );
  assert.equal((await createHostGate({ clock, limit: 1 }).enter(login, 'alone', 0)).kind, 'entered');
});

test('leaving twice frees one place', async () => {
  const gate = createHostGate({ clock: createSteppedClock(), limit: 2 });
  const leave = leaveOf(await gate.enter(login, orgOf(), 0));
  await gate.enter(login, orgOf(), 0);
  leave();
  leave();
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'entered');
  assert.equal((await gate.enter(login, orgOf(), 0)).kind, 'full');
});

test('whoever comes and goes however long, never more are inside, and nobody waits without an end', async () => {
  const visits = fc.array(fc.record({ comesMs: fc.nat(2_000), staysMs: fc.nat(2_000), waitsMs: fc.nat(2_000) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(visits, fc.integer({ min: 1, max: 4 }), async (all, limit) => {
      const clock = createSteppedClock();
      const gate = createHostGate({ clock, limit, waitingAtMost: 5 });
      let inside = 0;
      let most = 0;
      const each = all.map(async ({ comesMs, staysMs, waitsMs }) => {
        await clock.wait(comesMs);
        const answer = await gate.enter(login, orgOf(), waitsMs);
        if (answer.kind === 'full') return;
        inside += 1;
        most = Math.max(most, inside);
        await clock.wait(staysMs);
        inside -= 1;
        answer.leave();
      });
      await clock.run(Promise.all([...each, clock.wait(1)]));
      assert.ok(most <= limit, `${most} inside`);
      const after = await Promise.all(Array.from({ length: limit }, () => gate.enter(login, orgOf(), 0)));
      assert.ok(
        after.every(({ kind }) => kind === 'entered'),
        'a place was lost',
      );
    }),
    { numRuns: 60 },
  );
});
