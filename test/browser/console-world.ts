/** A running local stack whose console somebody looks at, with the steps by which time passes and an org dies. */
import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import { localOrgs } from '../../dev/local/local-orgs.ts';
import type { SimulatorOrg } from '../../dev/simulator/simulator.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { newPerson, type Person } from './person.ts';

const minuteMs = 60_000;
const minutesBeforeDeath = 50;
export const [acme, , initech] = localOrgs as [SimulatorOrg, SimulatorOrg, SimulatorOrg];

export interface ConsoleWorld {
  readonly flow: Flow;
  /** Opens the console. */
  person(options?: { readonly bypassCSP?: boolean }): Promise<ConsolePerson>;
  /** As the console's buttons do. */
  act(name: string, id: string): Promise<void>;
  /** Rounds of the schedule, a minute apart. */
  minutes(count: number): Promise<void>;
  /** Waits for work during which what is refused is looked at again five seconds later. */
  through<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ConsolePerson extends Person {
  section(name: string): Locator;
  plotOf(org: SimulatorOrg): Locator;
  button(name: string, org: SimulatorOrg): Locator;
  /** Reaches a button as a keyboard does, from the top of the page. */
  tabTo(name: string): Promise<void>;
  /** The words of what has the focus. */
  focused(): Promise<unknown>;
}

export async function startConsoleWorld(browser: Browser): Promise<ConsoleWorld> {
  const flow = await startFlow();
  const people: Person[] = [];

  async function through<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(() => 'ended');
    while ((await Promise.race([ended, flow.clock.someoneWaits(5_000)])) !== 'ended') flow.clock.advance(5_000);
    return work;
  }
  return {
    flow,
    through,
    async person(options = {}) {
      const someone = await newPerson(browser, options);
      people.push(someone);
      await someone.page.goto(flow.stack.url);
      await someone.page.getByText('Shown as it happens.').waitFor();
      return consolePerson(someone);
    },
    async act(name, id) {
      const answer = await fetch(`${flow.stack.url}/local/acts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ act: name, id }),
      });
      assert.equal(answer.status, 200, await answer.text());
    },
    async minutes(count) {
      for (let passed = 0; passed < count; passed += 1) {
        await through(flow.stack.tick());
        flow.clock.advance(minuteMs);
      }
    },
    async close() {
      await Promise.all(people.map(({ context }) => context.close()));
      await flow.close();
    },
  };
}

/** Two orgs at work for most of an hour; then one loses its grants, and one service notices. */
export async function letInitechDie({ flow, act, minutes, through }: ConsoleWorld): Promise<void> {
  flow.simulator.switches.sessionMinutes = 15;
  for (const { id } of [initech, acme]) await act('connect-users', id);
  for (let passed = 0; passed < minutesBeforeDeath; passed += 1) {
    if (passed % 3 === 0) for (const { id } of [initech, acme]) await through(act('use-tokens', id));
    await minutes(1);
  }
  await act('revoke-org', initech.id);
  await through(act('use-token', initech.id));
  await minutes(5);
}

function consolePerson(person: Person): ConsolePerson {
  const { page } = person;
  const focused = () => page.evaluate('document.activeElement?.textContent');
  return {
    ...person,
    focused,
    section: (name) => page.locator('section', { has: page.getByRole('heading', { name, exact: true, level: 2 }) }),
    plotOf: ({ name, id }) => page.getByRole('img', { name: `Refreshes of ${name} (${id}) by minute` }),
    button: (name, org) => page.getByRole('button', { name: `${name} (${org.name})` }),
    async tabTo(name) {
      await page.evaluate('document.activeElement?.blur()');
      for (let pressed = 0; pressed < 100; pressed += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()) === name) return;
      }
      assert.fail(`The keyboard does not reach "${name}".`);
    },
  };
}
