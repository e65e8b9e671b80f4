/**
 * Asks a deployment, or the local stack, for its health: one GET, bounded in time and size, that follows no redirect, for
 * its signature is meant for this host. Whatever comes back is judged before anybody believes it.
 *
 * Source: AWS, "Signature Version 4 for API requests" (service `execute-api`).
 */
import { SignatureV4 } from '@smithy/signature-v4';
import { CommandError } from './command-error.ts';
import { defaultUrl, type HealthAddress } from './health-address.ts';
import { type HealthAnswer, parseHealth } from './health-answer.ts';
import type { LambdaQuota } from './lambda-quota.ts';
import { NodeSha256 } from './node-sha256.ts';

export interface DoctorWorld {
  readonly fetch: typeof fetch;
  /** Of whoever runs the command. Throws where there are none. */
  credentials(): Promise<AwsCredentials>;
  /** Of the account that the credentials are for. Throws where they may not ask. @default - nothing is said of it */
  quota?(region: string): Promise<LambdaQuota>;
  /** Where the host does not name it. */
  readonly region: string | undefined;
  readonly now: () => number;
  /** @default 35 seconds: the gateway gives up after 30 */
  readonly timeoutMs?: number;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const defaultTimeoutMs = 35_000;
/** A hundred apps and a hundred incidents take a tenth of it. */
const mostBytes = 4 * 1024 * 1024;

/** @throws CommandError saying what was found, where, and what to do */
export async function askHealth(address: HealthAddress, world: DoctorWorld): Promise<HealthAnswer> {
  const { url } = address;
  const headers = address.signed ? await signedHeaders(url, world) : {};
  const timeoutMs = world.timeoutMs ?? defaultTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  let answer: Response;
  let text: string | undefined;
  try {
    answer = await world.fetch(url, {
      headers: { ...headers, accept: 'application/json' },
      redirect: 'manual',
      signal,
    });
    text = answer.status === 200 || answer.status === 403 ? await textOf(answer) : '';
    if (answer.status !== 200) await answer.body?.cancel().catch(() => undefined);
  } catch (error) {
    throw unreached(url, error, timeoutMs);
  }
  if (answer.status !== 200) throw refused(address, answer, text ?? '');
  if (text === undefined) throw noHealth(url, `it is larger than ${mostBytes / 1024 / 1024} MB`);
  const parsed = parseHealth(text);
  if (!parsed.ok) throw noHealth(url, parsed.reason);
  return parsed.health;
}

async function signedHeaders(url: URL, world: DoctorWorld): Promise<Record<string, string>> {
  const region = regionOf(url) ?? world.region;
  if (!region) {
    throw new CommandError(
      `The host ${url.hostname} does not say in which AWS region it is, which a signature must: name it with AWS_REGION.`,
    );
  }
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: await world.credentials(),
    sha256: NodeSha256,
  });
  const request = { method: 'GET', protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {} };
  const { headers } = await signer.sign(
    { ...request, headers: { host: url.host } },
    { signingDate: new Date(world.now()) },
  );
  // The connection itself says which host it is for.
  const { host: _, ...rest } = headers;
  return rest;
}

/** `<api id>.execute-api.<region>.amazonaws.com`, in China with `.cn` at the end. */
export function regionOf({ hostname }: URL): string | undefined {
  return /^[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(hostname)?.[1];
}

/** `undefined`: too large, and not read to its end. */
async function textOf({ body }: Response): Promise<string | undefined> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreached(url: URL, error: unknown, timeoutMs: number): CommandError {
  const what =
    error instanceof Error && error.name === 'TimeoutError'
      ? `did not answer within ${timeoutMs / 1_000} seconds`
      : `could not be reached (${reasonOf(error)})`;
  return new CommandError(
    `${url} ${what}. Is it the address that the stack's output names? The local stack (npm start) is at ${defaultUrl}; --url or GRANTKEEPER_URL name another.`,
  );
}

/** What fetch itself says is "fetch failed"; its cause knows. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.message;
  return error instanceof Error ? error.message : String(error);
}

function refused({ url, signed }: HealthAddress, { status, headers }: Response, text: string): CommandError {
  if (status >= 300 && status < 400) {
    const location = headers.get('location');
    const where = location === null ? '' : ` to ${JSON.stringify(location.slice(0, 200))}`;
    return new CommandError(
      `${url} answered ${status}, a redirect${where}. It was not followed, for the request is meant for this host: name the API's own address.`,
    );
  }
  if (status === 403) return new CommandError(`${url} answered 403: ${forbiddenWords(signed, text)}`);
  if (status === 404) {
    return new CommandError(
      `${url} answered 404: it is no Grantkeeper, or one that is older than GET /health. Deploy again.`,
    );
  }
  if (status === 429 || status >= 500) {
    return new CommandError(
      `${url} answered ${status}. Ask again in a minute; if it lasts, look at the logs of the function connections.`,
    );
  }
  return new CommandError(`${url} answered ${status}, which is no health answer. Is it Grantkeeper's API?`);
}

function forbiddenWords(signed: boolean, text: string): string {
  const problem = problemOf(text);
  if (problem !== undefined) return problem;
  if (!signed) return 'whatever listens there is not the local stack, or it refuses this address; ask it as 127.0.0.1.';
  return 'the gateway does not take the signature, or its principal may not call GET /health. Name the right AWS_PROFILE, or grant it: grantRead(role) of the construct.';
}

/** Of a caller that is granted no app. */
function problemOf(text: string): string | undefined {
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    return code === 'forbidden' && typeof detail === 'string' ? detail.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}

function noHealth(url: URL, reason: string): CommandError {
  return new CommandError(`The answer of ${url} is no health answer: ${reason}. Is it Grantkeeper's API?`);
}
