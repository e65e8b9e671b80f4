/**
 * Refreshers, callbacks, readers and a disturbed store, interleaved at random over the real flows, with the model of
 * Salesforce as the judge: whatever happened, the newest live token is stored, the others are owed their revocation.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindingOf, cookieName, stateOf } from '../../../functions/core/browser-binding.ts';
import { generationOf } from '../../../functions/core/grant.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { createFinishConnect } from '../../../functions/flows/finish-connect.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { createReadToken } from '../../../functions/flows/read-token.ts';
import { createRefreshConnection } from '../../../functions/flows/refresh-connection.ts';
import { aSession } from '../../contract/items.ts';
import {
  type MemoryPorts,
  memoryPorts,
  orgA,
  remaining,
  stored,
  storedConnection,
  unsealed,
  userA,
} from '../../support/memory-ports.ts';
import type { Disturbance } from '../../support/scripted-store.ts';
import { busy, json, type Turn, timedOut } from '../../support/token-server.ts';

const connectionId = `crm.${orgA}.${userA}`;
const httpTimeoutMs = 40_000;

type Step =
  | { kind: 'pass'; ms: number }
  | { kind: 'refresh'; slowMs: number; answer: 'normal' | 'busy' | 'unavailable' | 'never_sent' }
  | { kind: 'callback'; slowMs: number }
  | { kind: 'read' }
  | { kind: 'maintain' }
  | { kind: 'disturb'; disturbance: Exclude<Disturbance, () => void | Promise<void>> };

const slowMs = fc.constantFrom(0, 500, 5_000, 20_000, 39_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1_000, 10_000, 80_000, 1_000_000, 7_300_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      slowMs,
      answer: fc.constantFrom(
        'normal' as const,
        'normal' as const,
        'busy' as const,
        'unavailable' as const,
        'never_sent' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('callback' as const), slowMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('maintain' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('disturb' as const),
      disturbance: fc.constantFrom(
        'answer_lost' as const,
        'retried' as const,
        'refused' as const,
        'unavailable' as const,
      ),
    }),
  },
);

function delayed(ports: MemoryPorts, ms: number, turn: Turn): Turn {
  return async (process, request) => {
    // Salesforce acts when the answer leaves it, which may be late within the time that we wait.
    await ports.clock.wait(ms);
    return turn(process, request);
  };
}

const turns: Record<Extract<Step, { kind: 'refresh' }>['answer'], Turn> = {
  normal: (process) => process(),
  busy,
  unavailable: () => json(503, {}),
  never_sent: () => timedOut,
};

async function play(steps: readonly Step[], rotation: boolean): Promise<MemoryPorts> {
  const ports = memoryPorts();
  ports.server.rotation = rotation;
  await storedConnection(ports);
  const inFlight = new Map<string, number>();
  const salesforce: typeof ports.salesforce = {
    ...ports.salesforce,
    async refresh(loginUrl, client, token, timeoutMs): Promise<RawAnswer> {
      assert.equal(timeoutMs, httpTimeoutMs);
      const family = token.reveal().split('-')[1] ?? '';
      inFlight.set(family, (inFlight.get(family) ?? 0) + 1);
      assert.equal(inFlight.get(family), 1, 'two requests in flight for one grant');
      const answer = await ports.salesforce.refresh(loginUrl, client, token, timeoutMs);
      inFlight.set(family, 0);
      return answer;
    },
  };
  const all = { ...ports, salesforce };
  const refreshConnection = createRefreshConnection(all);
  const finishConnect = createFinishConnect(all);
  const readToken = createReadToken({
    ...all,
    refresher: { refresh: (request) => refreshConnection(request, remaining(ports.clock)) },
  });
  const maintain = createMaintain(all);
  const broken: unknown[] = [];
  const running: Promise<unknown>[] = [];
  // A store that does not answer is an outcome here; a promise that is broken is not.
  const run = (work: Promise<unknown>) =>
    running.push(
      work.catch((error: unknown) => {
        if ((error as { code?: string }).code !== 'store_unavailable') broken.push(error);
      }),
    );
  let sessions = 0;

  for (const one of steps) {
    switch (one.kind) {
      case 'pass':
        await ports.clock.pass(one.ms);
        break;
      case 'refresh': {
        const { grant } = await stored(ports);
        ports.server.next('refresh', delayed(ports, one.slowMs, turns[one.answer]));
        run(
          refreshConnection(
            { version: 1, connectionId, generation: generationOf(grant), reason: 'due' },
            remaining(ports.clock),
          ),
        );
        break;
      }
      case 'callback': {
        sessions += 1;
        const id = `${sessions}`.padStart(43, 's');
        const now = ports.clock.now();
        const session = aSession(1, { id, integration: `i${sessions}`, createdAt: now, expiresAt: now + 900_000 });
        await ports.store.inner.sessions.create({ ...session, binding: bindingOf(id, 'cookie', 'salt') });
        ports.server.next(
          'exchangeCode',
          delayed(ports, one.slowMs, (process) => process()),
        );
        const code = new Secret(ports.server.code(orgA, userA));
        run(
          finishConnect({ state: stateOf(id, 'cookie'), code }, { [cookieName(id)]: 'cookie' }, remaining(ports.clock)),
        );
        break;
      }
      case 'read':
        run(readToken({ connectionId }));
        break;
      case 'maintain':
        run(maintain(() => 60_000));
        break;
      case 'disturb':
        ports.store.disturb('connections.replace', one.disturbance);
        break;
    }
    await ports.clock.settle();
  }
  ports.store.disturbWhile('connections.replace', 'refused', () => false);
  await ports.clock.pass(200_000);
  await Promise.all(running);
  assert.deepEqual(broken, []);
  return ports;
}

/** After hours of quiet: what had to be done has been done. */
async function rest(ports: MemoryPorts): Promise<void> {
  const maintain = createMaintain(ports);
  for (let hours = 0; hours < 6; hours += 1) {
    await ports.clock.pass(3_600_000);
    await ports.clock.run(maintain(() => 60_000));
  }
}

function judge(ports: MemoryPorts, connection: Awaited<ReturnType<typeof stored>>): void {
  const { grants } = ports.server;
  const held = unsealed(connection.grant.refreshToken);
  const duties = Object.values(connection.duties).flatMap((duty) => (duty.kind === 'revoke' ? [duty] : []));
  const owed = duties.map((duty) => unsealed(duty.token));
  const alive = grants.filter((grant) => grant.alive && grant.issued > 0);
  for (const grant of alive) {
    assert.ok(
      [held, ...owed].includes(grant.refreshToken),
      `the token ${grant.refreshToken} is neither stored nor owed`,
    );
  }
  assert.ok(!duties.some((duty) => duty.grantId === connection.grant.id), 'the stored grant is owed a revocation');
  assert.notEqual(connection.status, 'reauthorization_required', 'a grant that nobody ended is dead');
  assert.ok(
    alive.some((grant) => grant.refreshToken === held),
    `the stored token ${held} does not live`,
  );
}

for (const rotation of [true, false]) {
  test(`no interleaving loses a token or ends a grant, with rotation ${rotation ? 'on' : 'off'}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 25, size: 'max' }), async (steps) => {
        const ports = await play(steps, rotation);
        // The first grant has issued nothing yet in the model, but lives and is stored.
        for (const grant of ports.server.grants.slice(0, 1)) grant.issued += 1;
        judge(ports, await stored(ports));
        await rest(ports);
        const connection = await stored(ports);
        judge(ports, connection);
        const alive = ports.server.grants.filter((grant) => grant.alive && grant.issued > 0);
        assert.equal(alive.length, 1, 'more than one grant of the user lives');
        assert.deepEqual(connection.duties, {});
      }),
      { numRuns: 150, includeErrorInReport: true },
    );
  });
}
