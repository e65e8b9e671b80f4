/** Every Lambda's handler over one set of ports, as the entry files make them one by one. */
import type { Ports } from '../../functions/core/ports.ts';
import { createCallbackHandler } from '../../functions/handlers/callback.ts';
import { createConfigureHandler } from '../../functions/handlers/configure.ts';
import { createConnectHandler } from '../../functions/handlers/connect.ts';
import { createConnectionsHandler } from '../../functions/handlers/connections.ts';
import { createJwtBearerHandler } from '../../functions/handlers/jwt-bearer.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { createTokenHandler } from '../../functions/handlers/token.ts';
import type { Handlers } from './lambda.ts';

export function createLocalHandlers(ports: Ports): Handlers {
  const handlers = {
    connect: createConnectHandler(ports),
    callback: createCallbackHandler(ports),
    configure: createConfigureHandler(ports),
    'schedule-refreshes': createScheduleRefreshesHandler(ports),
    refresh: createRefreshHandler(ports),
    'jwt-bearer': createJwtBearerHandler(ports),
    token: createTokenHandler(ports),
    connections: createConnectionsHandler(ports),
    maintain: createMaintainHandler(ports),
  };
  // Each takes the event of its own source; which source that is, the gateway, poller and schedule know.
  return handlers as unknown as Handlers;
}
