/** What goes on in a run: the hanging org's readers, the neighbour's usual minute, and the schedule. */
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Person } from '../deaths/population.ts';
import { gatewayEvent } from '../simulation/functions.ts';
import { instancePorts } from './instance-ports.ts';
import { type LambdaCloud, Throttled } from './lambda-cloud.ts';
import { type Act, crowdOf, minuteMs, neighbour, secondMs, watchedMs } from './neighbour-order.ts';
import type { Parts } from './neighbour-world.ts';
import { app, callbackEvent, goToSalesforce } from './seeded-neighbours.ts';

const readEachMs = 250;

function idOf({ orgId, userId }: Person): string {
  return `${app}.${orgId}.${userId}`;
}

function tokenEvent(person: Person) {
  return gatewayEvent('GET', `/connections/${idOf(person)}/token`, { pathParameters: { id: idOf(person) } });
}

interface Answer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** API Gateway says so where Lambda has no instance. */
const unavailable: Answer = { statusCode: 503, headers: {} };

async function ask(cloud: LambdaCloud, name: FunctionName, event: unknown): Promise<Answer> {
  try {
    return (await cloud.invoke(name, event)) as Answer;
  } catch (error) {
    return error instanceof Throttled ? unavailable : { statusCode: 500 };
  }
}

/** Each reader asks until it is served, as often as it is told to, while the org hangs. */
export function beginHanging({ order, clock, beginAt, cloud, watch, hanging, atSalesforce }: Parts): void {
  const [first] = hanging;
  if (first === undefined) throw new Error('The hanging org has nobody.');
  if (order.hangs ?? true) atSalesforce.hanging = { orgId: first.orgId, from: beginAt, until: beginAt + minuteMs };
  const until = beginAt + minuteMs;
  const reader = async (person: Person) => {
    while (clock.now() < until) {
      const { statusCode = 0, headers = {} } = await ask(cloud, 'token', tokenEvent(person));
      watch.readers[statusCode] = (watch.readers[statusCode] ?? 0) + 1;
      if (statusCode === 200) return;
      await clock.wait(Number(headers['retry-after'] ?? 1) * secondMs);
    }
  };
  for (const [index, person] of hanging.slice(0, crowdOf(order)).entries()) {
    // They come within a second.
    void clock.wait(index * 5).then(() => reader(order.readers === 'of one connection' ? first : person));
  }
}

export function beginNeighbour({ clock, cloud, watch, own, shared, simulator }: Parts): void {
  const { live, ended, due } = neighbour;
  const timed = async (act: Act, name: FunctionName, event: () => unknown, served: readonly number[]) => {
    const askedAt = clock.now();
    const { statusCode = 0 } = await ask(cloud, name, event());
    if (served.includes(statusCode)) watch.took[act].push(clock.now() - askedAt);
    else watch.failed[act] += 1;
  };
  const at = (ms: number, run: () => Promise<void>) => void clock.wait(ms).then(run);
  for (let ms = 0; ms < minuteMs; ms += readEachMs) {
    const person = own[(ms / readEachMs) % live] as Person;
    at(ms, () => timed('read', 'token', () => tokenEvent(person), [200]));
  }
  for (const [index, person] of own.slice(live, live + ended).entries()) {
    at(index * 2_500 + 40, () => timed('read after an idle day', 'token', () => tokenEvent(person), [200]));
  }
  const ports = instancePorts(shared);
  for (const [index, person] of own.slice(live + ended + due).entries()) {
    at(index * 10 * secondMs, async () => {
      const back = await goToSalesforce(ports, simulator, person);
      await timed('callback', 'callback', () => callbackEvent(back), [200, 303]);
    });
  }
}

export function beginTicks({ clock, cloud }: Parts): void {
  for (let ms = 2 * secondMs; ms < watchedMs; ms += minuteMs) {
    void clock.wait(ms).then(() => ask(cloud, 'schedule-refreshes', {}));
    void clock.wait(ms + secondMs).then(() => ask(cloud, 'maintain', {}));
  }
}
