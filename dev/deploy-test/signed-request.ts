/** Requests signed as a service of the deployer's signs them: AWS Signature Version 4. */
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from '../../cli/node-sha256.ts';
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
  const signer = new SignatureV4({ service, region: emulatedRegion, credentials, sha256: NodeSha256 });
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
