/** A callback whose code Salesforce has exchanged, and whose answer is still on its way: what else happens, happens meanwhile. */
import { type Flow, user } from './flow.ts';

/** How long the answer takes: whoever advances the clock by it lets the callback go on. */
export const slowMs = 30_000;

export interface SlowCallback {
  readonly sessionId: string;
  readonly callback: ReturnType<ReturnType<Flow['browser']>['get']>;
}

export async function slowCallback(flow: Flow, more: object = {}): Promise<SlowCallback> {
  const order = { app: 'crm', tenant: 'acme', integration: 'sync', ...more };
  const started = await flow.api('POST', '/connect-sessions', order);
  const person = flow.browser();
  const login = await person.open(started.body.connect_url);
  flow.simulator.switches.slowAfterMs = slowMs;
  const callback = person.get(flow.simulator.authorize(login, { username: user, decision: 'allow' }));
  await flow.clock.someoneWaits(slowMs);
  flow.simulator.switches.slowAfterMs = 0;
  return { sessionId: started.body.session_id, callback };
}
