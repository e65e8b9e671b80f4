/**
 * Findings of cdk-nag's AwsSolutions that we accept, each with its reason. Any other finding fails `npm run synth`.
 *
 * The acknowledgements lie on single constructs, never on the stack: a new resource with the same fault is a finding.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Routes that a browser follows: nobody can sign them, and each has its own proof instead. */
export function acknowledgePublicRoute(route: IConstruct): void {
  Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'A customer’s browser follows this route and cannot sign with IAM. What authorizes it is in the request: the ' +
      'single-use link secret, or the single-use state bound to the browser by its __Host- cookie. The stage throttles it.',
  });
}

/** Client secrets are issued by Salesforce: nothing of ours can make the next one. */
export function acknowledgeManualRotation(secret: IConstruct): void {
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Salesforce issues this value (the consumer secret of an external client app); no rotation function could make ' +
      'a new one. An administrator stages the next secret at Salesforce and puts it here.',
  });
}
