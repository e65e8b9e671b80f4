/** Every Lambda's handler over one set of ports, as the entry files make them one by one. */
import type { Ports } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { createCallbackHandler } from '../../functions/handlers/callback.ts';
import { createConfigureHandler } from '../../functions/handlers/configure.ts';
import { createConnectHandler } from '../../functions/handlers/connect.ts';
import { createConnectionsHandler } from '../../functions/handlers/connections.ts';
import { createJwtBearerHandler } from '../../functions/handlers/jwt-bearer.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { createTokenHandler } from '../../functions/handlers/token.ts';
import { heldStore } from './held-store.ts';
import type { Handlers } from './lambda.ts';

export function createLocalHandlers(ports: Ports): Handlers {
  const handlers = {
    connect: createConnectHandler(heldTo(ports, 'connect')),
    callback: createCallbackHandler(heldTo(ports, 'callback')),
    configure: createConfigureHandler(heldTo(ports, 'configure')),
    'schedule-refreshes': createScheduleRefreshesHandler(heldTo(ports, 'schedule-refreshes')),
    refresh: createRefreshHandler(heldTo(ports, 'refresh')),
    'jwt-bearer': createJwtBearerHandler(heldTo(ports, 'jwt-bearer')),
    token: createTokenHandler(heldTo(ports, 'token')),
    connections: createConnectionsHandler(heldTo(ports, 'connections')),
    maintain: createMaintainHandler(heldTo(ports, 'maintain')),
  };
  // Each takes the event of its own source; which source that is, the gateway, poller and schedule know.
  return handlers as unknown as Handlers;
}

/** By what its role could do with the table in AWS. */
function heldTo(ports: Ports, name: FunctionName): Ports {
  return { ...ports, store: heldStore(ports.store, name) };
}
