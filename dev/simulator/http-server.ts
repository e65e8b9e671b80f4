/**
 * Serves a simulator over HTTP on 127.0.0.1, with the guard before it. Where a switch drops the answer, the socket is
 * destroyed, so that the client sees a reset.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { guardServer } from '../loopback-guard.ts';
import { isConnectionReset } from './disturbance.ts';

import type { Simulator } from './simulator.ts';

export interface SimulatorServer {
  /** The origin, without a slash at its end. */
  url: string;
  simulator: Simulator;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/**
 * @param simulator or what makes one, where its origin is known only once a free port was found
 * @param options `port`: 0 takes a free one
 * @throws `EADDRINUSE` where the port is taken
 */
export async function serveSimulator(
  simulator: Simulator | ((origin: string) => Simulator),
  { port }: { port: number },
): Promise<SimulatorServer> {
  let served: Simulator | undefined;
  const server = createServer((incoming, outgoing) => {
    if (served !== undefined) void answer(served, portOf(server), incoming, outgoing);
    else outgoing.destroy();
  });
  guardServer(server, (path) => path === '/services/oauth2/authorize');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const url = `http://127.0.0.1:${portOf(server)}`;
  try {
    served = typeof simulator === 'function' ? simulator(url) : simulator;
  } catch (error) {
    server.close();
    throw error;
  }
  return { url, simulator: served, close: () => close(server) };
}

async function answer(simulator: Simulator, port: number, incoming: IncomingMessage, outgoing: ServerResponse) {
  try {
    const url = URL.parse(incoming.url ?? '/', `http://127.0.0.1:${port}`);
    if (url === null) return plain(outgoing, 400, 'The request target is no path.');
    const body = await bodyOf(incoming);
    if (body === undefined) return plain(outgoing, 413, `The body exceeds ${bodyLimit} bytes.`);
    const response = await simulator.fetch(requestOf(incoming, url, body));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    if (incoming.socket.destroyed) return;
    if (isConnectionReset(error)) return incoming.socket.resetAndDestroy();
    console.error(`The simulator failed: ${error instanceof Error ? error.stack : String(error)}`);
    if (!outgoing.headersSent) plain(outgoing, 500, 'The simulator failed; its log says why.');
  }
}

function requestOf(incoming: IncomingMessage, url: URL, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? 'GET';
  return new Request(url, {
    method,
    headers,
    ...(body.length > 0 && !['GET', 'HEAD'].includes(method) && { body: new Uint8Array(body) }),
  });
}

const bodyLimit = 64 * 1024;
/** So much of a body that is too long is read, for its sender to see the answer. */
const bodyReadLimit = 4 * 1024 * 1024;

async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > bodyReadLimit) return undefined;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks);
}

function plain(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  outgoing.end(`${text}\n`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server of the simulator does not listen.');
  return address.port;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
