/**
 * A client secret that was rotated in Secrets Manager is read again before the app is called misconfigured: what was
 * sent came from a cache of some minutes. Where the stored one is what was sent, the one beside it is tried: a staged secret
 * (AWSPENDING) that Salesforce was told to apply first, or the one before (AWSPREVIOUS), where it was not told yet.
 */
import { AppMisconfiguredError } from '../core/errors.ts';
import { equalInConstantTime } from '../core/hash.ts';
import type { ClientCredentials, Ports } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';

const ofSecret: ReadonlySet<string> = new Set(['invalid_client', 'invalid_client_credentials']);

function refusesSecret({ error }: { readonly error: string }): boolean {
  return ofSecret.has(error);
}

/**
 * The credentials to ask with once more; `undefined`: there is no other secret than the one that was refused, or it cannot
 * be read. Of use once per attempt: the caller asks no second time.
 */
export async function freshCredentials(
  ports: Pick<Ports, 'secrets' | 'log'>,
  app: string,
  sent: ClientCredentials,
  refusal: { readonly error: string },
): Promise<ClientCredentials | undefined> {
  if (sent.clientSecret === undefined || !refusesSecret(refusal)) return undefined;
  try {
    const { current, pending, previous } = await ports.secrets.of(app, { fresh: true });
    const refused = sent.clientSecret.reveal();
    const isOther = (secret: Secret | undefined) =>
      secret !== undefined && !equalInConstantTime(secret.reveal(), refused);
    if (isOther(current)) {
      ports.log.info('The client secret was rotated meanwhile; asking again with the new one.', { app });
      return { ...sent, clientSecret: current };
    }
    const beside = [pending, previous].find(isOther);
    if (beside === undefined) return undefined;
    const stage = beside === pending ? 'AWSPENDING' : 'AWSPREVIOUS';
    ports.log.warn('Salesforce refused the client secret; asking again with the one beside it.', { app, stage });
    return { ...sent, clientSecret: beside };
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    return undefined;
  }
}
