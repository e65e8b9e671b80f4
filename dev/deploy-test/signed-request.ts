/** Requests signed as a service of the deployer's signs them: AWS Signature Version 4. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { emulatedRegion } from './aws-environment.ts';
import { type LoopbackAnswer, type LoopbackRequest, requestLoopback } from './loopback-request.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a role's session. */
  readonly sessionToken?: string;
}

export async function requestSigned(
  wanted: LoopbackRequest,
  service: string,
  credentials: Credentials,
): Promise<LoopbackAnswer> {
  return requestLoopback({ ...wanted, headers: await signedHeaders(wanted, service, credentials) });
}

export async function signedHeaders(
  wanted: Omit<LoopbackRequest, 'certificate'>,
  service: string,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { method, url, body } = wanted;
  const signer = new SignatureV4({ service, region: emulatedRegion, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...wanted.headers, host: url.host },
    body,
  });
  return headers;
}

/** What the signer asks of a hash, by Node.js's own. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once here.');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
