/** The Lambda `schedule-refreshes`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createScheduleRefreshesHandler } from './handlers/schedule-refreshes.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createScheduleRefreshesHandler(awsPorts());
