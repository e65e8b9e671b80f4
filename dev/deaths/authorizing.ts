/** A user authorizes, from the connect session to the callback, through the real flows; and what may become of it. */
import type { Ports } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createFinishConnect } from '../../functions/flows/finish-connect.ts';
import { openLink } from '../../functions/flows/open-link.ts';
import { startConnect } from '../../functions/flows/start-connect.ts';
import type { Simulator, Switches } from '../simulator/simulator.ts';
import type { Person } from './population.ts';
import type { SleepingClock } from './sleeping-clock.ts';
import { app, minuteMs } from './world.ts';

export type Authorization =
  /** Stored: the connection's newest grant. */
  | 'stored'
  /** Salesforce made a grant, and its answer was lost. */
  | 'answer_lost'
  /** The request never came to Salesforce: no grant was made. */
  | 'not_reached'
  /** Salesforce made a grant that we do not keep. */
  | 'refused'
  /** The user said no. */
  | 'denied';

export interface Authorizing {
  /** Answers the connection's id where it was stored. */
  authorize(person: Person, what?: Authorization): Promise<string | undefined>;
}

const during: Readonly<Partial<Record<Authorization, Partial<Switches>>>> = {
  answer_lost: { resetAfterProcessing: true },
  not_reached: { html503: true },
  refused: { wrongSignature: true },
};

export function createAuthorizing(ports: Ports, simulator: Simulator, clock: SleepingClock): Authorizing {
  const finishConnect = createFinishConnect(ports);

  async function linkOf({ orgId, userId, username }: Person): Promise<string> {
    const appConfig = ports.config.apps[app];
    if (appConfig === undefined) throw new Error(`There is no app ${app}.`);
    const order = { app, appConfig, tenant: orgId, integration: userId, loginUrl: appConfig.loginUrl };
    const answer = await startConnect(
      ports,
      { ...order, loginHint: username, reauthorize: true, force: true },
      () => undefined,
    );
    if (answer.kind !== 'json') throw new Error(`No connect session: ${JSON.stringify(answer)}`);
    return String(answer.body.connect_url).split('/').at(-1) ?? '';
  }

  async function walk(person: Person, what: Authorization): Promise<string | undefined> {
    const opened = await openLink(ports, await linkOf(person), {});
    if (opened.kind !== 'go') throw new Error(`The link is ${opened.kind}.`);
    const decision = what === 'denied' ? 'deny' : 'allow';
    const back = new URL(simulator.authorize(opened.location, { username: person.username, decision }));
    const [code, state] = ['code', 'state'].map((name) => back.searchParams.get(name));
    const [pair = ''] = opened.cookie.split(';');
    const [name = '', value = ''] = pair.split('=');
    const before = { ...simulator.switches };
    Object.assign(simulator.switches, during[what]);
    const end = clock.now() + minuteMs;
    const given = { state: state ?? '', ...(code ? { code: new Secret(code) } : { error: 'access_denied' }) };
    const outcome = await finishConnect(given, { [name]: value }, () => end - clock.now());
    for (const key of Object.keys(during[what] ?? {}) as (keyof Switches)[]) {
      Object.assign(simulator.switches, { [key]: before[key] });
    }
    return outcome.kind === 'outcome' ? outcome.session.connectionId : undefined;
  }

  return { authorize: (person, what = 'stored') => clock.run(walk(person, what)) };
}
