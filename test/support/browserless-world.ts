/** Apps whose connections need no browser, on ports in memory: orders, and the functions that take them. */
import assert from 'node:assert/strict';
import type { AppConfig } from '../../functions/core/config.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { type Grant, generationOf } from '../../functions/core/grant.ts';
import type { Ports, RefreshReport, RefreshRequest } from '../../functions/core/ports.ts';
import {
  type ConnectionOrder,
  createIntroduceConnection,
  type Introduced,
} from '../../functions/flows/introduce-connection.ts';
import { createRefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { type MemoryPorts, memoryPorts, orgA, remaining, stored, userA, usernameA } from './memory-ports.ts';

export const loginUrl = 'https://login.salesforce.com';
export const myDomain = 'https://acme.my.salesforce.com';
export const orgB = '00D000000000002AAA';
export const userB = '005000000000002AAA';
export const usernameB = 'bob@beta.example';
export const acme = { tenant: 'acme', integration: 'sync' } as const;

export const jwtConnectionId = `crm-jwt.${orgA}.${userA}`;
export const serviceConnectionId = `crm-service.${orgA}.${userA}`;

/** @param loginsPerHour of both apps */
export function browserlessConfig(loginsPerHour = 3_600): Ports['config'] {
  const apps = {
    crm: { clientId: 'crm-client' },
    'crm-jwt': { clientId: 'jwt-client', flow: 'jwt_bearer', loginUrl, loginsPerHour },
    'crm-service': { clientId: 'service-client', flow: 'client_credentials', loginUrl: myDomain, loginsPerHour },
  };
  return parseConfig({ apps }, 'test');
}

export interface BrowserlessWorld {
  readonly ports: MemoryPorts;
  /** For the user `ada`, unless changed. */
  jwtOrder(change?: Partial<ConnectionOrder>): ConnectionOrder;
  serviceOrder(change?: Partial<ConnectionOrder>): ConnectionOrder;
  /** By one warm process. */
  introduce(order: ConnectionOrder, timeoutMs?: number): Promise<Introduced>;
  /** The same without moving the clock. */
  begin(order: ConnectionOrder, timeoutMs?: number): Promise<Introduced>;
  refresh(request: RefreshRequest): Promise<RefreshReport>;
  assertions(): number;
}

export function browserlessWorld(overrides: Partial<Ports> = {}): BrowserlessWorld {
  const ports = memoryPorts({ config: browserlessConfig(), ...overrides });
  ports.server.people.set(usernameA, { orgId: orgA, userId: userA });
  ports.server.people.set(usernameB, { orgId: orgB, userId: userB });
  ports.server.runAs = { orgId: orgA, userId: userA };
  const introduceConnection = createIntroduceConnection(ports);
  const refreshConnection = createRefreshConnection(ports);
  const begin: BrowserlessWorld['begin'] = (order, timeoutMs) =>
    introduceConnection(order, remaining(ports.clock, timeoutMs));
  return {
    ports,
    jwtOrder: (change) => ({
      app: 'crm-jwt',
      appConfig: appOf(ports, 'crm-jwt'),
      username: usernameA,
      loginUrl,
      ...change,
    }),
    serviceOrder: (change) => ({
      app: 'crm-service',
      appConfig: appOf(ports, 'crm-service'),
      loginUrl: myDomain,
      ...change,
    }),
    begin,
    introduce: (order, timeoutMs) => ports.clock.run(begin(order, timeoutMs)),
    refresh: (request) => ports.clock.run(refreshConnection(request, remaining(ports.clock))),
    assertions: () => ports.server.count('exchangeAssertion'),
  };
}

function appOf(ports: Ports, name: string): AppConfig {
  const app = ports.config.apps[name];
  assert.ok(app);
  return app;
}

/** Made by `introduce`, and due: its access token has ended. */
export async function dueLogin(
  world: BrowserlessWorld,
  order: ConnectionOrder = world.jwtOrder(),
): Promise<{ connection: Connection & { grant: Grant }; request: RefreshRequest }> {
  const introduced = await world.introduce(order);
  assert.ok(introduced.kind === 'connection');
  world.ports.clock.advance(3 * 3_600_000);
  const connection = await stored(world.ports, introduced.connectionId);
  const request = { version: 1, connectionId: connection.id, generation: generationOf(connection.grant) } as const;
  world.ports.store.resetCalls();
  return { connection, request: { ...request, reason: 'due' } };
}

export function problemOf(introduced: Introduced) {
  assert.ok(introduced.kind === 'problem', JSON.stringify(introduced));
  return introduced.problem;
}
