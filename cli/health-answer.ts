/**
 * An answer of `GET /health`, judged: what the report needs must be there and be what it says. A newer deployment may say
 * more; that is left alone.
 */
import * as z from 'zod/mini';
import { printable } from '../functions/core/printable.ts';

export type HealthAnswer = z.infer<typeof schema>;

const text = z.string();
const texts = z.array(text);
const count = z.int().check(z.minimum(0));

const counts = z.looseObject({
  total: count,
  complete: z.boolean(),
  by_status: z.looseObject({
    active: count,
    admin_action_required: count,
    reauthorization_required: count,
    disconnected: count,
  }),
});

const finding = z.looseObject({
  code: text,
  severity: z.enum(['action', 'warning', 'info']),
  summary: text,
  evidence: texts,
  remedy: text,
  page: z.optional(text),
});

const incident = z.looseObject({
  id: text,
  type: text,
  severity: z.enum(['critical', 'warning', 'info']),
  app: z.optional(text),
  org_id: z.optional(text),
  opened_at: text,
  resolved_at: z.optional(text),
  cause: text,
  summary: text,
  evidence: texts,
  remedy: text,
  connection_ids: texts,
});

const schema = z.looseObject({
  status: z.enum(['ok', 'attention']),
  checked_at: text,
  connections: counts,
  overdue: z.looseObject({ count, complete: z.boolean(), oldest_due_at: z.optional(text) }),
  incidents: z.array(incident),
  apps: z.array(
    z.looseObject({ app: text, flow: text, purpose: text, connections: counts, findings: z.array(finding) }),
  ),
});

export function parseHealth(body: string): { ok: true; health: HealthAnswer } | { ok: false; reason: string } {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return { ok: true, health: parsed.data };
  const path = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  return {
    ok: false,
    reason: path === '' ? 'it is no object' : `${printable(path).slice(0, 100)} is missing or wrong`,
  };
}
