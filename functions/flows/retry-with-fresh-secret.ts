/**
 * A client secret that was rotated in Secrets Manager is read again before the app is called misconfigured: what was
 * sent came from a cache of some minutes.
 */
import { AppMisconfiguredError } from '../core/errors.ts';
import { equalInConstantTime } from '../core/hash.ts';
import type { ClientCredentials, Ports } from '../core/ports.ts';

const ofSecret: ReadonlySet<string> = new Set(['invalid_client', 'invalid_client_credentials']);

export function refusesSecret({ error }: { readonly error: string }): boolean {
  return ofSecret.has(error);
}

/**
 * The credentials to ask with once more; `undefined`: the secret that was refused is the one that is stored, or it
 * cannot be read. Of use once per attempt: the caller asks no second time.
 */
export async function freshCredentials(
  ports: Pick<Ports, 'secrets' | 'log'>,
  app: string,
  sent: ClientCredentials,
  refusal: { readonly error: string },
): Promise<ClientCredentials | undefined> {
  if (sent.clientSecret === undefined || !refusesSecret(refusal)) return undefined;
  try {
    const { current } = await ports.secrets.of(app, { fresh: true });
    if (equalInConstantTime(current.reveal(), sent.clientSecret.reveal())) return undefined;
    ports.log.info('The client secret was rotated meanwhile; asking again with the new one.', { app });
    return { ...sent, clientSecret: current };
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    return undefined;
  }
}
