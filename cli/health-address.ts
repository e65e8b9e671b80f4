/** Where the doctor asks: the API's address, judged before anything is sent, for what is sent may be signed. */
import { secureOrLoopback } from '../functions/core/config-app-rules.ts';
import { isLoopbackHost } from '../functions/core/hosts.ts';
import { CommandError } from './command-error.ts';

export const defaultUrl = 'http://127.0.0.1:3000';

export interface HealthAddress {
  readonly url: URL;
  /** The local stack takes no signature; whatever else answers on loopback gets none either. */
  readonly signed: boolean;
}

/** @throws CommandError where the address is none, or not secure */
export function healthAddressOf(text: string): HealthAddress {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new CommandError(`${JSON.stringify(text.slice(0, 200))} is no address; give one such as ${defaultUrl}.`);
  }
  const { origin, pathname } = url;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CommandError(
      `The address ${origin}${pathname} must have no user, query or fragment: the request is signed with AWS credentials.`,
    );
  }
  if (!secureOrLoopback(url)) {
    throw new CommandError(`${origin} must be https: http is for this machine only, such as ${defaultUrl}.`);
  }
  const base = pathname.replace(/\/+$/, '');
  return { url: new URL(`${origin}${base}/health`), signed: !isLoopbackHost(url.hostname) };
}
