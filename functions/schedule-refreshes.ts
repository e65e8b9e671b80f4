/** The Lambda `schedule-refreshes`: joins its handler with the ports that it needs, once, at cold start. */
import { createScheduleRefreshesHandler } from './handlers/schedule-refreshes.ts';
import { processPorts, refreshQueuePort, storePort, tableIdentityPort } from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createScheduleRefreshesHandler({
  ...process,
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process, { creates: false }),
  ...refreshQueuePort(environment, process),
});
