/**
 * Whatever becomes of a user's authorizations, the budget never believes in fewer live grants than Salesforce has: the
 * model of Salesforce keeps the books, and evicts the oldest as the real one does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Budget, budgetOf } from '../../../functions/core/budget.ts';
import { entriesAtMost } from '../../../functions/core/ledger.ts';
import { exchangeLostMs } from '../../../functions/core/time-limits.ts';
import { createDoDutiesOf } from '../../../functions/flows/maintain.ts';
import { startConnect } from '../../../functions/flows/start-connect.ts';
import { type MemoryPorts, memoryPorts, orgA, userA } from '../../support/memory-ports.ts';
import type { Disturbance } from '../../support/scripted-store.ts';
import { lostAfter, normal, refused, type Turn, timedOut } from '../../support/token-server.ts';
import { callbackWorld, configOf, connectionId, key } from './callback-world.ts';

const limit = 5;
const day = 24 * 3_600_000;

type Event =
  | { readonly kind: 'authorize'; readonly answer: keyof typeof answers; readonly revocationFails: boolean }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'maintain'; readonly revocationFails: boolean }
  /** `POST /connect-sessions` of somebody who then does not come. */
  | { readonly kind: 'start' }
  | { readonly kind: 'disturb'; readonly name: string; readonly disturbance: Disturbance };

interface Answer {
  readonly turn: Turn;
  /** Laid over the token response. */
  readonly extra?: (now: number) => Record<string, unknown>;
}

const answers = {
  stored: { turn: normal },
  /** An authorization that is older than the one that is stored. */
  older: { turn: normal, extra: (now: number) => ({ issued_at: String(now - 365 * day) }) },
  /** Not kept: its signature is nobody's. */
  forged: { turn: normal, extra: () => ({ signature: 'forged' }) },
  failed: { turn: refused('invalid_grant', 'expired authorization code') },
  lostAfter: { turn: lostAfter },
  lostBefore: { turn: () => timedOut },
} as const satisfies Record<string, Answer>;

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('authorize' as const),
      answer: fc.constantFrom(...(Object.keys(answers) as (keyof typeof answers)[])),
      revocationFails: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(60_000, 1_000_000, day, 8 * day) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('maintain' as const), revocationFails: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('disturb' as const),
      name: fc.constantFrom('ledgers.replace', 'ledgers.create', 'connections.replace', 'sessions.replace'),
      disturbance: fc.constantFrom(
        'answer_lost' as const,
        'retried' as const,
        'refused' as const,
        'unavailable' as const,
      ),
    }),
  },
);

/** Orphans count for thirty days: none is older when it is looked at. */
const soon = (events: readonly Event[]) =>
  events.reduce((sum, one) => sum + (one.kind === 'pass' ? one.ms : 600_000), 0) < 29 * day;

async function play(events: readonly Event[], check: (ports: MemoryPorts) => Promise<void>): Promise<void> {
  const ports = memoryPorts({ config: configOf({ claim: false }) });
  ports.others.maintain = createDoDutiesOf(ports);
  const first = await callbackWorld({ id: sessionId(0), ledgerId: connectionId }, {}, ports);
  await first.finish();
  for (const [index, one] of events.entries()) {
    await happen(ports, one, index + 1, first.maintain);
    evict(ports);
    await check(ports);
  }
}

async function happen(ports: MemoryPorts, one: Event, index: number, maintain: () => Promise<void>): Promise<void> {
  switch (one.kind) {
    case 'authorize':
      return authorize(ports, one, index);
    case 'pass':
      return ports.clock.pass(one.ms);
    case 'maintain':
      if (one.revocationFails) ports.server.next('revoke', () => timedOut);
      return maintain();
    case 'start':
      return startAgain(ports);
    case 'disturb':
      return ports.store.disturb(one.name, one.disturbance);
  }
}

async function authorize(
  ports: MemoryPorts,
  { answer, revocationFails }: Extract<Event, { kind: 'authorize' }>,
  index: number,
): Promise<void> {
  const { turn, extra }: Answer = answers[answer];
  const { finish } = await callbackWorld({ id: sessionId(index), ledgerId: connectionId }, {}, ports);
  const grant = ports.server.grants.at(-1)!;
  // It is given when its code is exchanged.
  grant.alive = false;
  ports.server.next('exchangeCode', (process, request) => {
    const raw = turn(() => {
      grant.alive = true;
      return process();
    }, request);
    evict(ports);
    return raw;
  });
  ports.server.extra = extra?.(ports.clock.now()) ?? {};
  if (revocationFails) ports.server.next('revoke', () => timedOut);
  await finish().catch(() => undefined);
  ports.server.extra = {};
  // Until then it is told apart from nothing: somebody may be at it.
  await ports.clock.pass(exchangeLostMs + 1);
}

async function startAgain(ports: MemoryPorts): Promise<void> {
  const appConfig = ports.config.apps.crm!;
  const { loginUrl } = appConfig;
  const order = { app: 'crm', appConfig, ...key, loginUrl, connectionId, reauthorize: true, force: true };
  await ports.clock.run(startConnect(ports, order, () => undefined).catch(() => undefined));
}

/** As Salesforce does, silently: of more than five grants, the oldest end. */
function evict({ server }: MemoryPorts): void {
  for (const grant of living(server).slice(0, -limit)) grant.alive = false;
}

function living({ grants }: MemoryPorts['server']) {
  return grants.filter((one) => one.alive && one.orgId === orgA && one.userId === userA);
}

function sessionId(index: number): string {
  return String(index).padStart(43, 's');
}

async function believedOf({ store, clock }: MemoryPorts): Promise<Budget> {
  const connection = await store.inner.connections.read(connectionId);
  return budgetOf(connection, await store.inner.ledgers.read(connectionId), limit, clock.now());
}

test('the budget never believes in fewer live grants than there are, and the ledger keeps its bound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 70, size: 'max' }).filter(soon), (events) =>
      play(events, async (ports) => {
        const { stored, owed, orphans } = await believedOf(ports);
        const lives = living(ports.server).map(({ number }) => number);
        const told = `${stored} stored, ${owed} owed, ${orphans} orphans; ${lives} live`;
        assert.ok(stored + owed + orphans >= lives.length, told);
        const entries = (await ports.store.inner.ledgers.read(connectionId))?.entries ?? [];
        assert.ok(entries.length <= entriesAtMost, `${entries.length} entries`);
      }),
    ),
    { numRuns: 120 },
  );
});

test('where all goes well it believes in no more, either: nobody is refused for nothing', async () => {
  const well: Event[] = Array.from({ length: 20 }, (_, n) => [
    { kind: 'authorize', answer: (['stored', 'older', 'forged', 'failed'] as const)[n % 4]!, revocationFails: false },
    { kind: 'pass', ms: 1_000_000 },
    { kind: 'maintain', revocationFails: false },
  ]).flat() as Event[];
  await play(well, async (ports) => {
    const { stored, owed, orphans } = await believedOf(ports);
    assert.equal(stored + owed + orphans, living(ports.server).length);
  });
});
