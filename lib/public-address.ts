/**
 * Asks the deployer for an address that outlives the stack, or for the word that none is needed. Silence would cost every
 * customer's administrator a visit to Setup on the day that the stack is made anew.
 */
import { ConfigurationError } from '../functions/core/errors.ts';
import type { ApiDomainProps } from './api-domain.ts';

export interface PublicAddressProps {
  readonly domainName?: ApiDomainProps;
  readonly allowExecuteApiUrl?: boolean;
}

/** @throws ConfigurationError where the only address would be API Gateway's */
export function requirePublicAddress(
  { domainName, allowExecuteApiUrl = false }: PublicAddressProps,
  publicUrl: string | undefined,
): void {
  if (domainName !== undefined || publicUrl !== undefined || allowExecuteApiUrl) return;
  throw new ConfigurationError('the deployment', [
    {
      path: 'domainName',
      message:
        'must be given, or config.publicUrl where a proxy of yours stands in front. The callback URL stands in every ' +
        'external client app, so it must outlive the stack; API Gateway’s own (…execute-api…amazonaws.com) is another ' +
        'one with each new stack, and every client app would have to be changed. For a trial, say ' +
        'allowExecuteApiUrl: true (or -c allowExecuteApiUrl=true). See docs/deploying.md',
    },
  ]);
}
