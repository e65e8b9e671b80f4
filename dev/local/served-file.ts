/** A file as the local stack serves it: never stored, never sniffed, never framed. */
import type { ServerResponse } from 'node:http';

export interface ServedFile {
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Content-Security-Policy. @default nothing may be loaded by it */
  readonly securityPolicy?: string;
}

export function writeFileAnswer(response: ServerResponse, { type, body, securityPolicy }: ServedFile): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': securityPolicy ?? "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(body);
}
