/**
 * Refuses to begin where the environment points AWS clients at anything but this machine: the deploy test creates and
 * deletes stacks, and a slip would do so in a real account. What it starts gets its own environment besides
 * (`aws-environment.ts`), so this is the second lock, and the one that says why.
 */
import { isLoopbackHost } from '../../functions/core/hosts.ts';

class ForeignEndpointError extends Error {
  readonly code = 'foreign_endpoint';

  constructor(variable: string, value: string) {
    super(
      `${variable} is ${JSON.stringify(value)}, which is not an address on loopback. The deploy test runs against an emulator that it starts itself, never against an account: unset ${variable} and run it again.`,
    );
    this.name = 'ForeignEndpointError';
  }
}

/**
 * @param variables as in `process.env`
 * @throws ForeignEndpointError naming the variable: `AWS_ENDPOINT_URL` or one for a single service
 */
export function refuseForeignEndpoint(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^AWS_ENDPOINT_URL(?:_|$)/i.test(name) || value === undefined || value.trim() === '') continue;
    if (!isLoopbackUrl(value)) throw new ForeignEndpointError(name, value.replace(/\/\/[^/@]*@/, '//…@'));
  }
}

function isLoopbackUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname);
}
