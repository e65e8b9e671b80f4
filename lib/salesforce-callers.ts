/**
 * The Lambdas that send requests to Salesforce. With `egress` (`egress.ts`) these, and no other, are put into a VPC, so that
 * all that Salesforce hears of comes from addresses that can be listed. A test holds the table to the entry files: who
 * has a port to Salesforce stands here.
 */
import type { FunctionName } from '../functions/core/routes.ts';

export const salesforceCallers: readonly FunctionName[] = [
  'callback',
  'configure',
  'refresh',
  'jwt-bearer',
  'maintain',
];
