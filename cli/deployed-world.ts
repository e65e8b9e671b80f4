/** What `signing-key` acts on: the AWS account of this environment, and Salesforce. */
import { createKmsClient } from '../functions/adapters/kms-key-wrapper.ts';
import { createSalesforceHttp } from '../functions/adapters/salesforce-http.ts';
import { createSecretsManagerClient } from '../functions/adapters/secrets-manager-client-secrets.ts';
import { createSystemRandom } from '../functions/adapters/system-random.ts';
import type { GrantkeeperConfig } from '../functions/core/config.ts';
import type { SigningKeyOptions } from './command-line.ts';
import { createKmsKeyRing } from './kms-key-ring.ts';
import { createPemKeyRing } from './pem-key-ring.ts';
import type { SigningKeyWorld } from './signing-key.ts';

export function deployedWorld({ app, prefix }: SigningKeyOptions, config: GrantkeeperConfig): SigningKeyWorld {
  return {
    config,
    ringOf: ({ signingKey }) =>
      signingKey === 'kms'
        ? createKmsKeyRing({ client: createKmsClient(), prefix, app })
        : createPemKeyRing({ client: createSecretsManagerClient(), prefix, app }),
    salesforce: createSalesforceHttp(),
    random: createSystemRandom(),
    now: Date.now,
  };
}
