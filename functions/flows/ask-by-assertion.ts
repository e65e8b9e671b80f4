/**
 * Asks for a token by an assertion (RFC 7523). An app may have two keys while one is being replaced, and whether
 * Salesforce holds both of their certificates is unknown: an assertion that is refused as such is made once more with the
 * other key, within the same attempt. The key that was taken is asked first from then on.
 */
import { assertionOf, signingInput } from '../core/assertion.ts';
import { audienceOf } from '../core/audience.ts';
import type { AppConfig } from '../core/config.ts';
import { type Judgement, judgeTokenAnswer } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, SigningKey } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { httpTimeoutMs } from '../core/time-limits.ts';

export interface AssertionOrder {
  /** The app's name. */
  readonly name: string;
  readonly app: AppConfig;
  readonly username: string;
  readonly loginUrl: string;
}

/** Made before anything is claimed: the key service may fail. */
export interface SignedAssertions {
  readonly order: AssertionOrder;
  readonly made: readonly { readonly keyId: string; readonly assertion: Secret }[];
}

export interface Assertions {
  /** Throws `AppMisconfiguredError` where the app has no key, `KeysUnavailableError` where none can sign. */
  signed(order: AssertionOrder): Promise<SignedAssertions>;
  /** With this key from now on: its assertion was taken, or the other's was refused and no time was left for it. */
  askFirst(app: string, keyId: string): void;
}

/** One for each process: what it knows of an app's keys is shared by all of its requests. */
export function createAssertions(ports: Pick<Ports, 'signingKeys' | 'clock' | 'random'>): Assertions {
  const askedFirst = new Map<string, string>();

  async function signed(order: AssertionOrder): Promise<SignedAssertions> {
    const { name, app, username, loginUrl } = order;
    const keys = await ports.signingKeys.of(name);
    const first = askedFirst.get(name);
    const ordered = [...keys].sort((a, b) => Number(b.id === first) - Number(a.id === first)).slice(0, 2);
    const audience = audienceOf(app, loginUrl);
    const make = async (key: SigningKey) => {
      const now = ports.clock.now();
      const input = signingInput({ clientId: app.clientId, username, audience, id: newId(ports.random), now });
      return { keyId: key.id, assertion: assertionOf(input, await key.sign(input)) };
    };
    const tried = await Promise.allSettled(ordered.map(make));
    const made = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // A key that is being retired may fail; only where none can sign, nothing can be asked.
    if (made.length === 0) throw tried.find((one) => one.status === 'rejected')?.reason;
    return { order, made };
  }

  return { signed, askFirst: (app, keyId) => void askedFirst.set(app, keyId) };
}

export async function askByAssertion(
  ports: Pick<Ports, 'salesforce' | 'log' | 'metrics'>,
  assertions: Assertions,
  { order, made }: SignedAssertions,
  timeIsLeft: () => boolean,
): Promise<Judgement> {
  const [first, other] = made;
  if (first === undefined) return { kind: 'no_answer', reason: 'nothing was signed' };
  const judged = await send(ports, order, first.assertion);
  if (!isRefusedAssertion(judged)) {
    if (judged.kind === 'tokens') assertions.askFirst(order.name, first.keyId);
    return judged;
  }
  if (other === undefined) return judged;
  if (!timeIsLeft()) {
    assertions.askFirst(order.name, other.keyId);
    return untried(judged);
  }
  ports.log.warn('Salesforce refused the assertion; asking once more with the other key.', {
    app: order.name,
    key: first.keyId,
    other: other.keyId,
  });
  const second = await send(ports, order, other.assertion);
  if (second.kind === 'tokens') assertions.askFirst(order.name, other.keyId);
  return second;
}

/** No word about the app while one of its keys was not asked: the next attempt begins with that one. */
function untried(judged: Judgement): Judgement {
  return judged.kind === 'refused' ? { ...judged, class: 'transient' } : judged;
}

async function send(
  ports: Pick<Ports, 'salesforce' | 'metrics'>,
  { loginUrl }: AssertionOrder,
  assertion: Secret,
): Promise<Judgement> {
  ports.metrics.add('RefreshRequests', 1);
  return judgeTokenAnswer(await ports.salesforce.exchangeAssertion(loginUrl, assertion, httpTimeoutMs), 'jwt_bearer');
}

/** Its key, certificate or claims: the one refusal that another key could mend (facts §4). */
function isRefusedAssertion(judged: Judgement): boolean {
  if (judged.kind !== 'refused' || judged.error !== 'invalid_grant') return false;
  return judged.description.trim().toLowerCase() === 'invalid assertion';
}
