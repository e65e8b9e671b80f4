/** An app's client credentials for one request to the token endpoint, acquired before anything is sent. */
import type { AppConfig } from '../core/config.ts';
import type { ClientCredentials, ClientSecretSet, Ports } from '../core/ports.ts';

/** Throws `AppMisconfiguredError` where the app's secret is unset. `secrets` is absent for public clients. */
export async function clientCredentials(
  ports: Pick<Ports, 'secrets'>,
  name: string,
  app: AppConfig,
): Promise<{ client: ClientCredentials; secrets: ClientSecretSet | undefined }> {
  if (app.clientAuthentication === 'none') return { client: { clientId: app.clientId }, secrets: undefined };
  const secrets = await ports.secrets.of(name);
  return { client: { clientId: app.clientId, clientSecret: secrets.current }, secrets };
}
