/**
 * One HTTPS request to the emulator. `fetch` would ask the resolver for `<api>.execute-api.localhost`, which not every
 * machine knows; names under `localhost` are loopback by definition (RFC 6761 §6.3), and no others are asked for here.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface LoopbackRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
}

export interface LoopbackAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const answerWithinMs = 60_000;
const bodyLimit = 1_000_000;

export function requestLoopback({ method, url, headers, body, certificate }: LoopbackRequest): Promise<LoopbackAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerWithinMs);
    const outgoing = request(url, { method, headers, lookup, ca: certificate, signal, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('error', reject);
      incoming.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > bodyLimit) incoming.destroy(new Error(`The answer exceeds ${bodyLimit} characters.`));
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
    });
    outgoing.end(body);
  });
}

const lookup: LookupFunction = (hostname, options, answer) => {
  if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) {
    answer(new Error(`${hostname} is not on loopback; the deploy test asks for nothing else.`), '');
  } else if (options.all) {
    answer(null, [{ address: '127.0.0.1', family: 4 }]);
  } else {
    answer(null, '127.0.0.1', 4);
  }
};
