/**
 * The names by which everything is found: apps, tenants, integrations, Salesforce ids and connection ids.
 *
 * A connection id is `<app>.<orgId>.<userId>`; an app's name holds no dot, so it splits without doubt.
 */

export const appPattern = /^[a-z][a-z0-9-]{0,30}$/;
/** `tenant` and `integration`: what a deployer calls its customer, and that customer's use of a connection. */
export const labelPattern = /^[A-Za-z0-9._-]{1,128}$/;
/** Organization ids begin with 00D, user ids with 005; both in their case-safe form of 18 characters. */
export const orgIdPattern = /^00D[A-Za-z0-9]{15}$/;
export const userIdPattern = /^005[A-Za-z0-9]{15}$/;
export const sessionIdPattern = /^[A-Za-z0-9_-]{43}$/;

export interface ConnectionIdParts {
  app: string;
  orgId: string;
  userId: string;
}

export function connectionIdOf({ app, orgId, userId }: ConnectionIdParts): string {
  return `${app}.${orgId}.${userId}`;
}

/** The parts of a connection id, or `undefined` if it is none. */
export function parseConnectionId(id: string): ConnectionIdParts | undefined {
  const [app, orgId, userId, ...rest] = id.split('.');
  if (app === undefined || orgId === undefined || userId === undefined || rest.length > 0) return undefined;
  if (!appPattern.test(app) || !orgIdPattern.test(orgId) || !userIdPattern.test(userId)) return undefined;
  return { app, orgId, userId };
}
