/** A warning at synth of apps whose sessions nobody can claim. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { GrantkeeperConfig } from '../functions/core/config.ts';

/** The claim goes back to the service in the query of `return_to`: without one it cannot be made, and nothing links. */
export function warnOfClaims(scope: Construct, { apps, loopbackReturnTo }: GrantkeeperConfig): void {
  if (loopbackReturnTo) return;
  for (const [name, { flow, claim, returnTo }] of Object.entries(apps)) {
    if (flow !== 'authorization_code' || !claim || returnTo.length > 0) continue;
    Annotations.of(scope).addWarningV2(
      `grantkeeper:claim-without-return-to:${name}`,
      `apps.${name} has claim and no returnTo: the claim goes back with return_to, so no session of this app can be ` +
        'claimed, and none will link. Add an address to returnTo, or set claim: false and read in config.ts what that costs.',
    );
  }
}
