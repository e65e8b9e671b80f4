/** What every alert says alike, whatever it tells: its duty's id, type and cause, since when, and which app and org it means. */
import type { Alert } from './alert.ts';
import type { AlertDuty } from './duty.ts';
import { rfc3339 } from './rfc3339.ts';

export type AlertFrame = Pick<
  Alert,
  'version' | 'id' | 'type' | 'app' | 'org_id' | 'connection_ids' | 'opened_at' | 'cause'
>;

/** @param meant empty `app` or `orgId`: no single one is meant. Connections are named by whoever composes the rest */
export function alertFrame(
  { alertId, type, since, cause }: AlertDuty,
  { app, orgId = '' }: { readonly app: string; readonly orgId?: string },
): AlertFrame {
  return { version: 1, id: alertId, type, app, org_id: orgId, connection_ids: [], opened_at: rfc3339(since), cause };
}
