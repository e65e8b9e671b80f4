/**
 * Whether the account lets as many Lambdas run at once as a deployment needs: nothing at synth can see it, and a new account
 * may have ten. For the doctor, who tells it where the credentials at hand may ask.
 *
 * Source: AWS Lambda API Reference, GetAccountSettings; lib/concurrency.ts
 */
import { recommendedConcurrency, sharedAtLeast, unreservedAtLeast } from '../lib/concurrency.ts';

export interface LambdaQuota {
  /** Of the account, in this region. */
  readonly atOnce: number;
  /** Of these, what no function of the account has for itself. */
  readonly unreserved: number;
}

/** `undefined`: it is enough. */
export function quotaWarning({ atOnce, unreserved }: LambdaQuota, region: string): string | undefined {
  const recommended = Object.values(recommendedConcurrency).reduce((sum, one) => sum + one, 0);
  const reservedNeeds = recommended + unreservedAtLeast;
  const found = `Lambda runs ${atOnce} functions of this account at once in ${region}, ${unreserved} of them unreserved`;
  const todo = `Raise the quota "Concurrent executions" (Service Quotas, AWS Lambda) to ${reservedNeeds} or more.`;
  if (unreserved < sharedAtLeast) {
    return `${found}; without concurrency: 'reserved' a deployment needs ${sharedAtLeast}, or refreshes and customers on their way wait behind readers. ${todo}`;
  }
  if (atOnce < reservedNeeds) {
    return `${found}; with concurrency: 'reserved' it must be ${reservedNeeds}, or CloudFormation refuses the deployment. ${todo}`;
  }
  return undefined;
}
