/**
 * Measures what each act of a connection's life uses, by running the deployed flows. Counts are the same in every run;
 * milliseconds are this machine's.
 */
import type { FunctionName } from '../../functions/core/routes.ts';
import { gatewayEvent } from '../simulation/functions.ts';
import { sizeOf } from './item-size.ts';
import { minus, type Usage } from './meter.ts';
import { app, type MeteredWorld, openMeteredWorld } from './metered-world.ts';

export const acts = ['read', 'open keys', 'mark', 'refresh', 'asked refresh', 'connect', 'idle minute'] as const;
export type Act = (typeof acts)[number];

export interface Measured {
  /** Of one act each, by what it uses. */
  readonly usage: Readonly<Record<Act, Usage>>;
  /** Bytes of all items that a connection with one integration holds, and of its index entries' items. */
  readonly bytesOfConnection: number;
  readonly itemsOfConnection: number;
  /** Distinct by name and dimensions, seen while it was measured. */
  readonly metrics: number;
  /** Median of this machine's processor, without what it waited for, by function. */
  readonly ownMs: Readonly<Partial<Record<FunctionName, number>>>;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;
const readsTimed = 50;

export async function measure(): Promise<Measured> {
  const world = await openMeteredWorld();
  try {
    return await measureIn(world);
  } finally {
    await world.close();
  }
}

async function measureIn(world: MeteredWorld): Promise<Measured> {
  const { meter, people } = world;
  // The table learns whose it is, and every handler has run once.
  await minute(world);
  const warmUp = await connect(world, 0);
  const idleMinute = await meter.during(1, () => minute(world));
  const connected = await meter.during(people.length - 1, async () => {
    for (let index = 1; index < people.length; index += 1) await connect(world, index);
  });
  // The first refresh of a grant learns its session and seals anew: of every later one it is no measure.
  world.advance(26 * hourMs);
  await minute(world);
  const ids = people.map(({ orgId, userId }) => `${app}.${orgId}.${userId}`);
  for (const id of ids) await read(world, id);
  world.advance(2 * hourMs);
  const usedMinute = await meter.during(1, () => minute(world));
  const refreshed = times(minus(usedMinute, idleMinute), 1 / people.length);
  const marking = await meter.during(people.length, async () => {
    for (const id of ids) await read(world, id);
  });
  const reading = await meter.during(readsTimed, async () => {
    for (let count = 0; count < readsTimed; count += 1) await read(world, warmUp);
  });
  // Forgotten after five minutes; nothing is due by then.
  world.advance(6 * minuteMs);
  const opening = await meter.during(1, () => read(world, warmUp));
  world.advance(2 * hourMs + 5 * minuteMs);
  const asked = await meter.during(people.length, async () => {
    for (const id of ids) await read(world, id);
  });
  const key = minus(opening, reading);
  /** Without the keys that it opened: how often a process lacks them is not for ten users of one org to say. */
  const warm = (usage: Usage) => minus(usage, times(key, usage['calls.keys.unwrapDataKey'] ?? 0));
  const items = (await world.items()).filter(({ pk }) => /^[CIULS]#/.test(pk?.S ?? ''));
  return {
    usage: {
      read: rounded(reading),
      'open keys': rounded(key),
      mark: rounded(warm(minus(marking, reading))),
      refresh: rounded(warm(refreshed)),
      'asked refresh': rounded(warm(asked)),
      connect: rounded(connected),
      'idle minute': rounded(idleMinute),
    },
    bytesOfConnection: Math.round(items.reduce((sum, item) => sum + sizeOf(item), 0) / people.length),
    itemsOfConnection: items.length / people.length,
    metrics: world.metricNames.size,
    ownMs: Object.fromEntries([...world.ownMs].map(([name, all]) => [name, median(all)])),
  };
}

/** One tick: both schedules, and what they queue. */
async function minute(world: MeteredWorld): Promise<void> {
  await world.invoke('schedule-refreshes', {});
  await workOff(world, 'refresh');
  await world.invoke('maintain', {});
  await workOff(world, 'configure');
}

async function workOff(world: MeteredWorld, queue: 'refresh' | 'configure'): Promise<void> {
  const bodies = world.taken(queue);
  for (let first = 0; first < bodies.length; first += 10) {
    const Records = bodies.slice(first, first + 10).map((body, index) => ({ messageId: `m${index}`, body }));
    // Received once, deleted once.
    world.meter.add('sqs.requests', 2);
    await world.invoke(queue, { Records });
  }
}

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

async function call(world: MeteredWorld, name: FunctionName, event: unknown, wanted: number): Promise<Answer> {
  world.meter.add('api.requests', 1);
  const answer = (await world.invoke(name, event)) as Answer;
  world.meter.add('api.bytesOut', Buffer.byteLength(JSON.stringify(answer.headers ?? {}) + (answer.body ?? '')));
  if (answer.statusCode === wanted) return answer;
  throw new Error(`${name} answered ${answer.statusCode}, not ${wanted}: ${answer.body}`);
}

async function read(world: MeteredWorld, id: string): Promise<void> {
  const event = gatewayEvent('GET', '/connections/{id}/token', { pathParameters: { id } });
  await call(world, 'token', { ...event, rawPath: `/connections/${id}/token` }, 200);
}

/** From the session to the configured integration. @returns the connection's id */
async function connect(world: MeteredWorld, index: number): Promise<string> {
  const person = world.people[index];
  if (person === undefined) throw new Error(`There is no user ${index}.`);
  const body = { app, tenant: 'acme', integration: `sync-${index}` };
  const session = await call(world, 'connect', gatewayEvent('POST', '/connect-sessions', { body }), 201);
  const { session_id: id, connect_url: link } = JSON.parse(session.body ?? '{}') as Record<string, string>;
  const secret = String(link).split('/').at(-1) ?? '';
  const opened = await call(
    world,
    'connect',
    gatewayEvent('GET', '/connect/{secret}', { pathParameters: { secret } }),
    302,
  );
  const headers = new Headers(opened.headers);
  const back = new URL(
    world.simulator.authorize(headers.get('location') ?? '', { username: person.username, decision: 'allow' }),
  );
  const [cookie = ''] = (opened.cookies?.[0] ?? headers.get('set-cookie') ?? '').split(';');
  const query = back.searchParams.toString();
  await call(world, 'callback', gatewayEvent('GET', '/oauth/callback', { query, cookies: [cookie] }), 200);
  await workOff(world, 'configure');
  const path = { pathParameters: { id: String(id) } };
  const shown = await call(world, 'connect', gatewayEvent('GET', '/connect-sessions/{id}', path), 200);
  return String((JSON.parse(shown.body ?? '{}') as Record<string, string>).connection_id);
}

function times(usage: Usage, factor: number): Usage {
  return Object.fromEntries(Object.entries(usage).map(([name, quantity]) => [name, quantity * factor]));
}

const bytes = ['logs.bytes', 'api.bytesOut'];

/** Log lines hold milliseconds and answers times, so their bytes differ a little from run to run. */
function rounded(usage: Usage): Usage {
  const changes = Object.entries(usage).map(
    ([name, quantity]) =>
      [name, bytes.includes(name) ? Math.round(quantity / 10) * 10 : Math.round(quantity * 1e3) / 1e3] as const,
  );
  return Object.fromEntries(changes.filter(([, quantity]) => quantity !== 0));
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 100) / 100;
}
