/** `fauxqs` in process, on loopback, and real SDK clients on it. */
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { buildApp } from 'fauxqs';

/** What a client's constructor takes to reach a local engine. */
export interface EngineClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function engineClientConfig(endpoint: string): EngineClientConfig {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

export async function messagingEngine(context: TestContext): Promise<EngineClientConfig> {
  const app = buildApp({ logger: false });
  await app.listen({ port: 0, host: '127.0.0.1' });
  context.after(() => app.close());
  return engineClientConfig(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
}
