/**
 * The boundary on the way back from the lifeboat: an entry of another version, or a broken one, is named by its key and
 * refused, never guessed at. Nothing of its contents gets into the error.
 */
import * as z from 'zod/mini';
import { UnreadableItemError } from '../core/errors.ts';
import type { CodeEntry, DutyEntry, LifeboatEntry, RefreshEntry } from '../core/lifeboat.ts';
import type { NewTokens, SentAttempt } from '../core/sent-attempt.ts';
import type { NewAuthorization } from '../core/store-grant.ts';
import { connectionSchema } from './dynamodb/item-schemas.ts';
import { lifeboatKey } from './lifeboat-key.ts';

export interface LifeboatText {
  readonly key: string;
  readonly text: string;
}

type ShapeOf<Item> = Record<keyof Item, z.ZodMiniType>;

const base = { version: z.literal(1), connectionId: z.string(), attemptId: z.string(), at: z.number() };

const attempt = z.looseObject({
  id: z.string(),
  generation: z.looseObject({ grantId: z.string(), refreshes: z.int() }),
  loginUrl: z.string(),
} satisfies ShapeOf<SentAttempt>);

const made = z.looseObject({
  accessToken: z.string(),
  accessTokenSha256: z.string(),
  refreshToken: z.optional(z.string()),
  issuedAt: z.number(),
  expiresAt: z.number(),
  refreshAfter: z.number(),
  instanceUrl: z.string(),
  rotated: z.boolean(),
  identityChanged: z.boolean(),
} satisfies ShapeOf<NewTokens>);

const authorization = z.looseObject({
  connectionId: z.string(),
  app: z.string(),
  orgId: z.string(),
  userId: z.string(),
  flow: z.string(),
  authorizedAt: z.number(),
  begunAt: z.number(),
  // As the table has it.
  grant: z.nonoptional(connectionSchema.shape.grant),
  link: z.looseObject({
    sessionId: z.string(),
    tenant: z.string(),
    integration: z.string(),
    claim: z.optional(z.boolean()),
    takesFrom: z.optional(z.array(z.string())),
  } satisfies ShapeOf<NewAuthorization['link']>),
  // Entries of the release before have neither.
  fingerprint: z.optional(z.string()),
  ledgerId: z.optional(z.string()),
  username: z.optional(z.string()),
  logins: z.optional(z.looseObject({ since: z.number(), count: z.number() })),
} satisfies ShapeOf<NewAuthorization>);

const duty = z.looseObject({
  kind: z.literal('revoke'),
  grantId: z.string(),
  refreshes: z.int(),
  token: z.string(),
  tokenPurpose: z.enum(['access', 'refresh']),
  loginUrl: z.string(),
  attempts: z.array(z.looseObject({ id: z.string(), begunAt: z.number(), refreshes: z.int() })),
  reason: z.string(),
  since: z.number(),
  dueAt: z.number(),
  tries: z.number(),
} satisfies Partial<ShapeOf<DutyEntry['duty']>>);

const error = z.looseObject({ code: z.string(), detail: z.string(), remedy: z.string() });

const schema = z.discriminatedUnion('kind', [
  z.looseObject({ ...base, kind: z.literal('refresh'), attempt, made } satisfies ShapeOf<RefreshEntry>),
  z.looseObject({ ...base, kind: z.literal('code'), authorization } satisfies ShapeOf<CodeEntry>),
  z.looseObject({ ...base, kind: z.literal('duty'), sessionId: z.string(), error, duty } satisfies ShapeOf<DutyEntry>),
]);

/** @throws UnreadableItemError naming the key */
export function readEntry({ key, text }: LifeboatText): LifeboatEntry {
  const value = parsed(text);
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (version !== 1) {
    const what = typeof version === 'number' ? `has version ${version}` : 'has no version';
    throw unreadable(key, `${what}; this release reads version 1. Deploy the release that wrote it`);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const paths = result.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join('.'));
    throw unreadable(key, `of version 1 is damaged at ${paths.join(', ')}; keep it, and have its user authorize again`);
  }
  const entry = value as LifeboatEntry;
  if (lifeboatKey(entry) !== key) throw unreadable(key, 'holds an entry that belongs under another key; keep it');
  return entry;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(key: string, what: string): UnreadableItemError {
  return new UnreadableItemError(`lifeboat entry ${key} ${what}`);
}
