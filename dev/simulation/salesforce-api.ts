/** The port `SalesforceApi` over the books: the identity URL, and Salesforce's own list of a user's grants. */
import type { RawAnswer, SalesforceApi } from '../../functions/core/ports.ts';
import type { Fault } from './faults.ts';
import type { Running } from './process-ports.ts';
import { maintenancePage, reset, timedOut } from './raw-answers.ts';
import type { World } from './world.ts';

const faults: readonly Fault[] = ['crash_before', 'salesforce_unreached', 'salesforce_slow', 'salesforce_page_503'];

export function salesforceApiPort(world: World, running: Running): SalesforceApi {
  const { books } = world;
  const ask = (name: string, act: () => RawAnswer) =>
    world.call<RawAnswer>(running.process, {
      name: `api.${name}`,
      faults,
      failure: (fault) => ({ answer: failures[fault] ?? reset }),
      preempts: false,
      act: () => (world.isOut('salesforce') ? maintenancePage : act()),
    });
  return {
    identity: (_instanceUrl, user, accessToken) =>
      ask('identity', () => books.identity(user, accessToken.reveal(), world.now())),
    query: (_instanceUrl, _soql, accessToken) => ask('query', () => books.list(accessToken.reveal())),
  };
}

const failures: Partial<Record<Fault, RawAnswer>> = { salesforce_slow: timedOut, salesforce_page_503: maintenancePage };
