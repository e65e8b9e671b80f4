/** What the doctor asks with: the network, and the AWS credentials of this environment. */
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { DoctorWorld } from './ask-health.ts';
import type { LambdaQuota } from './lambda-quota.ts';

export function doctorWorld(environment: Readonly<Record<string, string | undefined>>): DoctorWorld {
  return {
    fetch: (input, init) => fetch(input, init),
    quota: lambdaQuota,
    // As every AWS tool finds them: environment, profile, SSO, the container or the instance.
    credentials: () => defaultProvider()(),
    region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined,
    now: Date.now,
  };
}

/** One try, a few seconds: it is beside the point. */
async function lambdaQuota(region: string): Promise<LambdaQuota> {
  const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand());
    const { ConcurrentExecutions: atOnce, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
    if (atOnce === undefined || unreserved === undefined) throw new Error('Lambda names no limit of the account.');
    return { atOnce, unreserved };
  } finally {
    client.destroy();
  }
}
