/** What goes on in a run: the hanging org's readers, the neighbour's usual minute, and the schedule. */
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Person } from '../deaths/population.ts';
import { gatewayEvent } from '../simulation/functions.ts';
import { instancePorts } from './instance-ports.ts';
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

/** Each reader asks until it is served, as often as it is told to, while the org hangs. */
export function beginHanging(parts: Parts): void {
  const { order, beginAt, hanging, atSalesforce } = parts;
  const orgIds = new Set(hanging.flatMap(([first]) => (first === undefined ? [] : [first.orgId])));
  if (order.hangs ?? true) atSalesforce.hanging = { orgIds, from: beginAt, until: beginAt + minuteMs };
  for (const people of hanging) beginCrowd(parts, people);
}

function beginCrowd({ order, clock, beginAt, gateway, watch }: Parts, people: readonly Person[]): void {
  const [first] = people;
  if (first === undefined) throw new Error('The hanging org has nobody.');
  const { asksAgainMs } = order;
  const until = beginAt + minuteMs;
  const reader = async (person: Person) => {
    while (clock.now() < until) {
      const { statusCode = 0, headers = {} } = await gateway.ask('token', tokenEvent(person));
      watch.readers[statusCode] = (watch.readers[statusCode] ?? 0) + 1;
      if (statusCode === 200 && asksAgainMs === undefined) return;
      const againMs = statusCode === 200 ? asksAgainMs : undefined;
      await clock.wait(againMs ?? Number(headers['retry-after'] ?? 1) * secondMs);
    }
  };
  for (const [index, person] of people.slice(0, crowdOf(order)).entries()) {
    // They come within a second.
    void clock.wait(index * 5).then(() => reader(order.readers === 'of one connection' ? first : person));
  }
}

export function beginNeighbour({ clock, gateway, watch, own, shared, simulator }: Parts): void {
  const { live, ended, due } = neighbour;
  const timed = async (act: Act, name: FunctionName, event: () => unknown, served: readonly number[]) => {
    const askedAt = clock.now();
    const { statusCode = 0 } = await gateway.ask(name, event());
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

export function beginTicks({ clock, gateway }: Parts): void {
  for (let ms = 2 * secondMs; ms < watchedMs; ms += minuteMs) {
    // Not by the gateway in truth; its limit is far above a tick a minute.
    void clock.wait(ms).then(() => gateway.ask('schedule-refreshes', {}));
    void clock.wait(ms + secondMs).then(() => gateway.ask('maintain', {}));
  }
}
