/** What the doctor asks with: the network, and the AWS credentials of this environment. */
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { DoctorWorld } from './ask-health.ts';

export function doctorWorld(environment: Readonly<Record<string, string | undefined>>): DoctorWorld {
  return {
    fetch: (input, init) => fetch(input, init),
    // As every AWS tool finds them: environment, profile, SSO, the container or the instance.
    credentials: () => defaultProvider()(),
    region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined,
    now: Date.now,
  };
}
