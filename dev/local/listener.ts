/**
 * A guarded HTTP listener on 127.0.0.1. Everything of the local stack that listens is opened and closed here.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guardServer, type Navigable } from '../loopback-guard.ts';

export interface Listener {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Takes no new request, ends idle connections at once and busy ones after `graceMs`. */
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** What listens, for errors, e.g. `the gateway`. */
  readonly name: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly navigable?: Navigable;
  /** How a closing server may still answer what it has begun. @default 2000 */
  readonly graceMs?: number;
}

/** Another process has the port. */
export class PortTakenError extends Error {
  readonly code = 'port_taken';
  readonly port: number;

  constructor(name: string, port: number, options: ErrorOptions) {
    super(`Port ${port}, wanted for ${name}, is taken by another process.`, options);
    this.name = 'PortTakenError';
    this.port = port;
  }
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

/** Guards `server` and binds it. Throws `PortTakenError`. */
export async function listen(server: Server, options: ListenerOptions): Promise<Listener> {
  guardServer(server, options.navigable);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  await bind(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      closing ??= close(server, options.graceMs ?? 2_000);
      return closing;
    },
  };
}

function bind(server: Server, { name, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(name, port, { cause: error }) : error);
    server.once('error', failed);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cutOff);
      resolve();
    });
    server.closeIdleConnections();
  });
}
