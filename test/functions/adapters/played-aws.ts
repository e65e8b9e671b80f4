/**
 * KMS, Secrets Manager and Lambda for tests: played by a server on loopback that gives canned answers to the real SDK
 * clients, or an engine whose address `AWS_ADAPTER_ENDPOINT` names (MiniStack in CI). No engine from npm has them.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { isLoopbackHost } from '../../../functions/core/hosts.ts';
import { type EngineClientConfig, engineClientConfig } from './messaging-engine.ts';

export interface PlayedCall {
  /** As `TrentService.Decrypt`, or the path for REST services. */
  readonly action: string;
  readonly body: Record<string, unknown>;
}

export interface PlayedAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export async function playedAws(
  context: TestContext,
  answer: (call: PlayedCall) => PlayedAnswer,
): Promise<{ config: EngineClientConfig; calls: PlayedCall[] }> {
  const calls: PlayedCall[] = [];
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join('');
    const call = {
      action: String(request.headers['x-amz-target'] ?? request.url),
      body: text === '' ? {} : JSON.parse(text),
    };
    calls.push(call);
    const { status = 200, headers = {}, body } = answer(call);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { config: engineClientConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), calls };
}

const endpoint = process.env.AWS_ADAPTER_ENDPOINT;

/** Why tests against an engine do not run; `false` where they do. */
export const noEngine: string | false =
  endpoint === undefined
    ? 'AWS_ADAPTER_ENDPOINT names no engine (CI starts MiniStack); nothing was checked here'
    : false;

/** The engine's; refuses an address that is not loopback, for these tests create keys and secrets. */
export function engineConfig(): EngineClientConfig {
  const url = URL.parse(endpoint ?? '');
  if (url === null || !isLoopbackHost(url.hostname)) {
    throw new Error(`AWS_ADAPTER_ENDPOINT must be an address on loopback; got ${endpoint}.`);
  }
  return engineClientConfig(url.origin);
}
