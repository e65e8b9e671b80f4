// The release of commit 8ee7e629fe461925e38ab323e72bb27889b01aa5, built by dev/upgrade/freeze-release.ts. Not to be edited.

// functions/adapters/dynamodb/store.ts
import { setTimeout as waitFor } from "node:timers/promises";

// functions/adapters/dynamodb/collection.ts
import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";

// functions/adapters/dynamodb/bounds.ts
function checkLimit(limit, max) {
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw new RangeError(`limit must be an integer from 1 to ${max}; got ${limit}`);
}
function checkShard(shard, shards) {
  if (!Number.isInteger(shard) || shard < 0 || shard >= shards)
    throw new RangeError(`shard must be an integer from 0 to ${shards - 1}; got ${shard}`);
}
function checkUsername(username) {
  if (username.length < 1 || username.length > 256)
    throw new RangeError(`a username has 1 to 256 characters; got ${username.length}`);
}
function checkCreate(item) {
  if (item.revision !== 1) throw new RangeError(`a new item has revision 1; got ${item.revision}`);
}
function checkReplace(before, after) {
  if (after.key !== before.key)
    throw new RangeError(`a write may not move an item: it was read as ${before.key} and is written as ${after.key}`);
  if (after.revision !== before.revision + 1)
    throw new RangeError(`after revision ${before.revision} comes ${before.revision + 1}; got ${after.revision}`);
}

// functions/core/errors.ts
var GrantkeeperError = class extends Error {
  constructor(message, options) {
    super(message, options), this.name = new.target.name;
  }
};
var StoreUnavailableError = class extends GrantkeeperError {
  code = "store_unavailable";
}, LifeboatUnavailableError = class extends GrantkeeperError {
  code = "lifeboat_unavailable";
}, KeysUnavailableError = class extends GrantkeeperError {
  code = "keys_unavailable";
}, AppMisconfiguredError = class extends GrantkeeperError {
  code = "app_misconfigured";
  app;
  constructor(app2, message, options) {
    super(message, options), this.app = app2;
  }
}, SealError = class extends GrantkeeperError {
  code = "seal_broken";
}, UnreadableItemError = class extends GrantkeeperError {
  code = "unreadable_item";
};

// functions/adapters/dynamodb/readable.ts
function readable(key, item, schema2) {
  if (item.version !== 1)
    throw new UnreadableItemError(
      `item ${key} has version ${printed(item.version)}; this release reads version 1. Deploy the release that wrote it`
    );
  let result = schema2.safeParse(item);
  if (!result.success) {
    let paths = result.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join("."));
    throw new UnreadableItemError(
      `item ${key} of version 1 is damaged at ${paths.join(", ")}; restore it from a backup, or authorize again`
    );
  }
  return item;
}
function printed(version) {
  return typeof version == "number" ? String(version) : `of type ${typeof version}`;
}

// functions/adapters/dynamodb/table.ts
var tableDefinition = {
  partitionKey: { name: "pk", type: "S" },
  sortKey: { name: "sk", type: "S" },
  timeToLiveAttribute: "expiresAtEpochSeconds",
  indexes: {
    /** Connections by the instant of their next refresh: what is due costs by what is due. */
    due: {
      name: "due",
      partitionKey: { name: "dueShard", type: "S" },
      sortKey: { name: "nextRefreshAt", type: "N" },
      nonKeyAttributes: ["id", "orgId", "generation"]
    },
    /** Connections, sessions, apps and incidents that hold a duty, by the first one's instant. */
    duty: {
      name: "duty",
      partitionKey: { name: "dutyShard", type: "S" },
      sortKey: { name: "dutyDueAt", type: "N" },
      nonKeyAttributes: []
    },
    /** An app's connections in the order of org and user. */
    list: {
      name: "list",
      partitionKey: { name: "listApp", type: "S" },
      sortKey: { name: "listOrder", type: "S" },
      nonKeyAttributes: ["status"]
    }
  }
}, defaultShards = 16, derivedAttributes = /* @__PURE__ */ new Set([
  tableDefinition.partitionKey.name,
  tableDefinition.sortKey.name,
  tableDefinition.timeToLiveAttribute,
  "dueShard",
  "generation",
  "dutyShard",
  "dutyDueAt",
  "listApp",
  "listOrder"
]);

// functions/adapters/dynamodb/table-access.ts
async function answerOf(operation, request) {
  try {
    return await request();
  } catch (error2) {
    throw new StoreUnavailableError(
      `DynamoDB ${operation} failed with ${nameOf(error2)}; if it was a write, its outcome is unknown. Try again later`,
      { cause: error2 }
    );
  }
}
async function writtenBy(operation, request) {
  return answerOf(operation, async () => {
    try {
      return await request(), "written";
    } catch (error2) {
      if (nameOf(error2) === "ConditionalCheckFailedException") return "conflict";
      throw error2;
    }
  });
}
function nameOf(error2) {
  return error2 instanceof Error ? error2.name : typeof error2;
}

// functions/adapters/dynamodb/update-expression.ts
import { isDeepStrictEqual } from "node:util";
function changesBetween(before, after, known3) {
  let changed = Object.entries(after).filter(
    ([name, value]) => value !== void 0 && !isDeepStrictEqual(value, before[name])
  ), gone = Object.keys(before).filter(
    (name) => before[name] !== void 0 && after[name] === void 0 && (Object.hasOwn(after, name) || known3.has(name))
  );
  return { set: Object.fromEntries(changed), remove: gone };
}
function withAttributes({ set, remove: remove2 }, attributes) {
  let entries = Object.entries(attributes), absent = entries.filter(([, value]) => value === void 0).map(([name]) => name);
  return {
    set: { ...set, ...Object.fromEntries(entries.filter(([, value]) => value !== void 0)) },
    remove: [.../* @__PURE__ */ new Set([...remove2, ...absent])]
  };
}
function updateExpression({ set, remove: remove2 }, seen) {
  let names = { "#revision": "revision" }, values = { ":seen": seen }, setClauses = Object.entries(set).map(([name, value], index) => (names[`#s${index}`] = name, values[`:s${index}`] = value, `#s${index} = :s${index}`)), removeClauses = remove2.map((name, index) => (names[`#r${index}`] = name, `#r${index}`));
  return {
    UpdateExpression: [
      ...setClauses.length === 0 ? [] : [`SET ${setClauses.join(", ")}`],
      ...removeClauses.length === 0 ? [] : [`REMOVE ${removeClauses.join(", ")}`]
    ].join(" "),
    ConditionExpression: "#revision = :seen",
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values
  };
}

// functions/adapters/dynamodb/collection.ts
function createCollection({ client, tableName, shards }, kind) {
  let keyOf = (item) => kind.itemKey(kind.keyOf(item));
  return {
    async read(key) {
      let command = new GetCommand({ TableName: tableName, Key: kind.itemKey(key), ConsistentRead: !0 }), { Item: stored } = await answerOf("GetItem", () => client.send(command));
      return stored === void 0 ? void 0 : itemOf(kind, stored);
    },
    async create(item) {
      checkCreate(item);
      let command = new PutCommand({
        TableName: tableName,
        Item: { ...item, ...kind.derived(item, shards), ...keyOf(item) },
        ConditionExpression: "attribute_not_exists(pk)"
      });
      return writtenBy("PutItem", () => client.send(command));
    },
    async replace(before, after) {
      let key = keyOf(before);
      checkReplace({ key: key.pk, revision: before.revision }, { key: keyOf(after).pk, revision: after.revision });
      let changes = withAttributes(
        changesBetween(attributesOf(before), attributesOf(after), kind.known),
        kind.derived(after, shards)
      ), command = new UpdateCommand({
        TableName: tableName,
        Key: key,
        ...updateExpression(changes, before.revision)
      });
      return writtenBy("UpdateItem", () => client.send(command));
    }
  };
}
function itemOf(kind, stored) {
  let own = Object.entries(stored).filter(([name]) => !derivedAttributes.has(name));
  return readable(String(stored.pk), Object.fromEntries(own), kind.schema);
}
function attributesOf(item) {
  return { ...item };
}

// functions/adapters/dynamodb/data-keys.ts
import { GetCommand as GetCommand2, PutCommand as PutCommand2 } from "@aws-sdk/lib-dynamodb";

// functions/adapters/dynamodb/item-schemas.ts
import * as z from "zod/mini";

// functions/core/connection.ts
var connectionStatuses = [
  "active",
  "admin_action_required",
  "reauthorization_required",
  "disconnected"
];

// functions/core/session.ts
var sessionStatuses = [
  "pending",
  "exchanging",
  "authorized",
  "connected",
  "signed_in",
  "failed",
  "expired"
];

// functions/adapters/dynamodb/item-schemas.ts
var optionalText = z.optional(z.string()), optionalInstant = z.optional(z.number()), optionalObject = z.optional(z.looseObject({})), versioned = { version: z.literal(1), revision: z.int(), writeId: z.string() }, attempts = z.array(z.looseObject({ id: z.string(), begunAt: z.number(), refreshes: z.int() })), duties = z.record(
  z.string(),
  z.looseObject({ kind: z.string(), since: z.number(), dueAt: z.number(), tries: z.number() })
), grant = z.looseObject({
  id: z.string(),
  refreshes: z.int(),
  madeBy: z.string(),
  accessToken: z.string(),
  accessTokenSha256: z.string(),
  refreshToken: optionalText,
  issuedAt: z.number(),
  refreshedAt: z.number(),
  expiresAt: z.number(),
  refreshAfter: z.number(),
  scopes: z.array(z.string()),
  instanceUrl: z.string(),
  loginUrl: z.string(),
  lease: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  attempts,
  failures: z.number()
}), logins = z.optional(z.looseObject({ since: z.number(), count: z.int() })), connectionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  app: z.string(),
  orgId: z.string(),
  userId: z.string(),
  flow: z.string(),
  username: optionalText,
  status: z.enum(connectionStatuses),
  cause: optionalText,
  createdAt: z.number(),
  authorizedAt: z.number(),
  grant: z.optional(grant),
  duties,
  nextRefreshAt: optionalInstant,
  rejections: z.optional(z.looseObject({ left: z.number(), at: z.number() })),
  logins,
  disconnectedAt: optionalInstant
}), sessionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  app: z.string(),
  tenant: z.string(),
  integration: z.string(),
  configuration: optionalText,
  returnTo: optionalText,
  loginUrl: z.string(),
  loginHint: optionalText,
  expectedOrgId: optionalText,
  expectedUserId: optionalText,
  createdAt: z.number(),
  expiresAt: z.number(),
  status: z.enum(sessionStatuses),
  binding: optionalObject,
  attempt: optionalObject,
  connectionId: optionalText,
  claim: z.optional(z.boolean()),
  claimedAt: optionalInstant,
  takesFrom: z.optional(z.array(z.string())),
  ledgerId: optionalText,
  identity: z.optional(z.looseObject({ orgId: z.string(), userId: z.string() })),
  error: optionalObject,
  duties
}), integrationSchema = z.looseObject({
  ...versioned,
  tenant: z.string(),
  integration: z.string(),
  connectionId: z.string(),
  configuration: optionalText,
  configurationVersion: z.number(),
  status: z.string(),
  reason: optionalText,
  configuredAt: optionalInstant,
  linkedAt: z.number(),
  linkedBy: optionalText,
  formerConnectionId: z.optional(z.string())
}), ledgerEntry = z.looseObject({
  id: z.string(),
  sessionId: z.string(),
  begunAt: z.number(),
  outcome: z.optional(z.enum(["stored", "refused", "failed"])),
  settledAt: optionalInstant,
  lostAt: optionalInstant,
  reason: optionalText,
  authorizedAt: optionalInstant,
  fingerprint: optionalText,
  supersededAt: optionalInstant,
  revokedAt: optionalInstant,
  givenUpAt: optionalInstant
}), comparison = z.looseObject({
  at: z.number(),
  listed: z.optional(z.number()),
  held: z.optional(z.number()),
  note: optionalText
}), ledgerSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  entries: z.array(ledgerEntry),
  comparison: z.optional(comparison)
}), introductionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  lease: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  connectionId: optionalText,
  lastFailure: optionalObject,
  logins
}), certificates = z.optional(
  z.looseObject({
    lookedAt: z.number(),
    ends: z.array(z.looseObject({ id: z.string(), endsAt: optionalInstant })),
    alerted: z.array(
      z.looseObject({ alertId: z.string(), keyId: z.string(), endsAt: z.number(), noticeMs: z.number() })
    )
  })
), appSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  failures: z.int(),
  openedAt: optionalInstant,
  openUntil: optionalInstant,
  probe: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  lastFailure: optionalObject,
  closedAt: optionalInstant,
  certificates,
  duties
}), incidentSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  openedAt: optionalInstant,
  quietSince: optionalInstant,
  finding: optionalObject,
  duties
}), dataKeySchema = z.looseObject({
  version: z.literal(1),
  orgId: z.string(),
  purpose: z.enum(["access", "refresh"]),
  id: z.string(),
  wrapped: z.string()
}), usernameSchema = z.looseObject({
  version: z.literal(1),
  app: z.string(),
  connectionId: z.string()
});

// functions/core/hash.ts
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
function sha256Hex(text4) {
  return createHash("sha256").update(text4).digest("hex");
}
function sha256Base64url(text4) {
  return createHash("sha256").update(text4).digest("base64url");
}
function hmacSha256Base64(key, text4) {
  return createHmac("sha256", key).update(text4).digest("base64");
}
function equalInConstantTime(a, b) {
  let left = createHash("sha256").update(a).digest(), right = createHash("sha256").update(b).digest();
  return timingSafeEqual(left, right);
}
function fingerprintOf(secret) {
  return sha256Hex(secret.reveal()).slice(0, 16);
}

// functions/adapters/dynamodb/keys.ts
function connectionKey(id) {
  return { pk: `C#${id}`, sk: "C" };
}
function sessionKey(id) {
  return { pk: `S#${id}`, sk: "S" };
}
function integrationKey(key) {
  return { pk: useSortKey(key), sk: "I" };
}
function useKey(connectionId, use) {
  return { pk: connectionKey(connectionId).pk, sk: useSortKey(use) };
}
function usePrefix(tenant) {
  return tenant === void 0 ? "I#" : `I#${label("tenant", tenant)}#`;
}
function ledgerKey(id) {
  return { pk: `L#${id}`, sk: "L" };
}
function usernameKey(app2, username) {
  return checkUsername(username), { pk: `U#${label("app", app2)}#${sha256Hex(username.toLowerCase())}`, sk: "U" };
}
function dataKeyKey(orgId, purpose) {
  return { pk: `K#${orgId}`, sk: purpose };
}
function appKey(app2) {
  return { pk: `A#${app2}`, sk: "A" };
}
function introductionKey(id) {
  return { pk: `B#${id}`, sk: "B" };
}
function incidentKey(id) {
  return { pk: `N#${id}`, sk: "N" };
}
function dutyHolderKey({ holder, id }) {
  switch (holder) {
    case "connection":
      return connectionKey(id);
    case "session":
      return sessionKey(id);
    case "app":
      return appKey(id);
    case "incident":
      return incidentKey(id);
  }
}
function dutyHolderOf(pk) {
  if (pk.startsWith("C#")) return { holder: "connection", id: pk.slice(2) };
  if (pk.startsWith("S#")) return { holder: "session", id: pk.slice(2) };
  if (pk.startsWith("A#")) return { holder: "app", id: pk.slice(2) };
  if (pk.startsWith("N#")) return { holder: "incident", id: pk.slice(2) };
}
function useSortKey({ tenant, integration }) {
  return `${usePrefix(tenant)}${label("integration", integration)}`;
}
function label(name, value) {
  if (value === "" || value.includes("#"))
    throw new RangeError(`${name} must match [A-Za-z0-9._-]{1,128} before it reaches the store; got ${value}`);
  return value;
}

// functions/adapters/dynamodb/data-keys.ts
function createDataKeys({ client, tableName }) {
  let readDataKey = async (orgId, purpose) => {
    let command = new GetCommand2({ TableName: tableName, Key: dataKeyKey(orgId, purpose), ConsistentRead: !0 }), { Item: stored } = await answerOf("GetItem", () => client.send(command));
    if (stored === void 0) return;
    let { id, wrapped } = readable(`${stored.pk}/${stored.sk}`, stored, dataKeySchema);
    return { orgId, purpose, id, wrapped };
  };
  return {
    readDataKey,
    async putDataKeyIfAbsent({ orgId, purpose, id, wrapped }) {
      let command = new PutCommand2({
        TableName: tableName,
        Item: { ...dataKeyKey(orgId, purpose), version: 1, orgId, purpose, id, wrapped },
        ConditionExpression: "attribute_not_exists(pk)"
      });
      if (await writtenBy("PutItem", () => client.send(command)) === "written") return { orgId, purpose, id, wrapped };
      let stored = await readDataKey(orgId, purpose);
      if (stored === void 0)
        throw new StoreUnavailableError(`the ${purpose} key of org ${orgId} was deleted while it was read. Try again`);
      return stored;
    }
  };
}

// functions/adapters/dynamodb/due-indexes.ts
import { QueryCommand } from "@aws-sdk/lib-dynamodb";

// functions/adapters/dynamodb/cursor.ts
import * as z2 from "zod/mini";

// functions/core/ids.ts
var appPattern = /^[a-z][a-z0-9-]{0,30}$/, labelPattern = /^[A-Za-z0-9._-]{1,128}$/, orgIdPattern = /^00D[A-Za-z0-9]{15}$/, userIdPattern = /^005[A-Za-z0-9]{15}$/, sessionIdPattern = /^[A-Za-z0-9_-]{43}$/;
function connectionIdOf({ app: app2, orgId, userId }) {
  return `${app2}.${orgId}.${userId}`;
}
function parseConnectionId(id) {
  let [app2, orgId, userId, ...rest] = id.split(".");
  if (!(app2 === void 0 || orgId === void 0 || userId === void 0 || rest.length > 0) && !(!appPattern.test(app2) || !orgIdPattern.test(orgId) || !userIdPattern.test(userId)))
    return { app: app2, orgId, userId };
}

// functions/core/store-port.ts
var InvalidCursorError = class extends GrantkeeperError {
  code = "invalid_cursor";
};

// functions/adapters/dynamodb/cursor.ts
var maxCursorLength = 1024, listCursor = z2.strictObject({
  of: z2.literal("list"),
  app: z2.string(),
  orgId: z2.optional(z2.string()),
  status: z2.optional(z2.string()),
  after: z2.string()
}), dueCursor = z2.strictObject({
  of: z2.enum(["due", "duty"]),
  shard: z2.int(),
  at: z2.number(),
  holder: z2.enum(["connection", "session", "app", "incident"]),
  id: z2.string().check(z2.minLength(1), z2.maxLength(256))
});
function formatListCursor({ app: app2, orgId, status }, after) {
  return encode({ of: "list", app: app2, orgId, status, after });
}
function parseListCursor(text4, filter) {
  let cursor = decode(text4, listCursor);
  if (cursor.app !== filter.app || cursor.orgId !== filter.orgId || cursor.status !== filter.status)
    throw new InvalidCursorError("the cursor belongs to a list with another filter; begin that list without a cursor");
  let [orgId = "", userId = "", ...rest] = cursor.after.split("#"), foreign = filter.orgId !== void 0 && orgId !== filter.orgId;
  if (!orgIdPattern.test(orgId) || !userIdPattern.test(userId) || rest.length > 0 || foreign) throw notOurs();
  return cursor.after;
}
function formatDueCursor(of, shard, { at, holder, id }) {
  return encode({ of, shard, at, holder, id });
}
function parseDueCursor(text4, of, shard) {
  let cursor = decode(text4, dueCursor), stranger = of === "due" && cursor.holder !== "connection";
  if (cursor.of !== of || cursor.shard !== shard || stranger) throw notOurs();
  return { at: cursor.at, holder: cursor.holder, id: cursor.id };
}
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
function decode(text4, schema2) {
  if (text4.length > maxCursorLength || !/^[A-Za-z0-9_-]+$/.test(text4)) throw notOurs();
  let parsed2 = schema2.safeParse(json(Buffer.from(text4, "base64url").toString()));
  if (!parsed2.success) throw notOurs();
  return parsed2.data;
}
function json(text4) {
  try {
    return JSON.parse(text4);
  } catch {
    return;
  }
}
function notOurs() {
  return new InvalidCursorError("the cursor is not one that this list gave out; begin again without a cursor");
}

// functions/adapters/dynamodb/generation-text.ts
function formatGeneration({ grantId, refreshes }) {
  return `${grantId}:${refreshes}`;
}
function parseGeneration(text4) {
  let match = typeof text4 == "string" ? /^(?<grantId>.+):(?<refreshes>\d{1,15})$/s.exec(text4) : null;
  if (match?.groups !== void 0)
    return { grantId: match.groups.grantId, refreshes: Number(match.groups.refreshes) };
}

// functions/adapters/dynamodb/shard.ts
function shardName(shard) {
  return `d#${String(shard).padStart(2, "0")}`;
}
function shardOf(id, shards) {
  let hash = 2166136261;
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 16777619) >>> 0;
  return hash % shards;
}

// functions/adapters/dynamodb/due-indexes.ts
function createDueIndexes(access) {
  return {
    dueConnections: (shard, now, limit, cursor) => duePage(access, "due", { shard, now, limit, cursor }, dueConnectionOf),
    dueDuties: (shard, now, limit, cursor) => duePage(access, "duty", { shard, now, limit, cursor }, dueDutyOf)
  };
}
async function duePage(access, of, { shard, now, limit, cursor }, itemOf2) {
  checkShard(shard, access.shards), checkLimit(limit, 1e3);
  let from = cursor === void 0 ? void 0 : parseDueCursor(cursor, of, shard);
  if (from !== void 0 && from.at > now) return { items: [] };
  let { rows: rows2, more } = await queryDue(access, of, { shard, now, limit }, from), last = rows2.at(-1), position = more && last !== void 0 ? positionOf(of, last) : void 0;
  return {
    items: rows2.flatMap((row) => itemOf2(row) ?? unreadable(access, of, row)),
    ...position === void 0 ? {} : { cursor: formatDueCursor(of, shard, position) }
  };
}
async function queryDue({ client, tableName }, of, { shard, now, limit }, from) {
  let index = tableDefinition.indexes[of], command = new QueryCommand({
    TableName: tableName,
    IndexName: index.name,
    KeyConditionExpression: "#shard = :shard AND #at <= :now",
    ExpressionAttributeNames: { "#shard": index.partitionKey.name, "#at": index.sortKey.name },
    ExpressionAttributeValues: { ":shard": shardName(shard), ":now": now },
    // One more than wanted tells whether this is the last page.
    Limit: limit + 1,
    ...from === void 0 ? {} : { ExclusiveStartKey: startKey(of, shard, from) }
  }), answer2 = await answerOf("Query", () => client.send(command)), rows2 = answer2.Items ?? [];
  return { rows: rows2.slice(0, limit), more: rows2.length > limit || answer2.LastEvaluatedKey !== void 0 };
}
function startKey(of, shard, { at, holder, id }) {
  let { partitionKey, sortKey } = tableDefinition.indexes[of];
  return { ...dutyHolderKey({ holder, id }), [partitionKey.name]: shardName(shard), [sortKey.name]: at };
}
function positionOf(of, row) {
  let holder = dutyHolderOf(String(row.pk)), at = row[tableDefinition.indexes[of].sortKey.name];
  return holder === void 0 || typeof at != "number" ? void 0 : { ...holder, at };
}
function dueConnectionOf({ id, orgId, generation: text4, nextRefreshAt }) {
  let generation = parseGeneration(text4);
  if (!(typeof id != "string" || typeof orgId != "string" || generation === void 0))
    return typeof nextRefreshAt == "number" ? { connectionId: id, orgId, generation, nextRefreshAt } : void 0;
}
function dueDutyOf(row) {
  let position = positionOf("duty", row);
  return position && { holder: position.holder, id: position.id, dueAt: position.at };
}
function unreadable({ log }, of, row) {
  return log.warn("a row of an index cannot be read and was passed over", { index: of, pk: String(row.pk) }), [];
}

// functions/core/duty.ts
function firstDueAt(duties2) {
  let instants = Object.values(duties2).map((duty2) => duty2.dueAt);
  return instants.length === 0 ? void 0 : Math.min(...instants);
}

// functions/adapters/dynamodb/kinds.ts
var connectionKind = {
  keyOf: ({ id }) => id,
  itemKey: connectionKey,
  schema: connectionSchema,
  known: new Set(Object.keys(connectionSchema.shape)),
  derived: (connection, shards) => ({
    ...dueAttributes(connection, shards),
    ...dutyAttributes(connection, shards),
    listApp: connection.app,
    listOrder: listOrderOf(connection)
  })
}, sessionKind = {
  keyOf: ({ id }) => id,
  itemKey: sessionKey,
  schema: sessionSchema,
  known: new Set(Object.keys(sessionSchema.shape)),
  derived: (session, shards) => ({
    ...dutyAttributes(session, shards),
    expiresAtEpochSeconds: expiryOf(session)
  })
}, integrationKind = {
  keyOf: ({ tenant, integration }) => ({ tenant, integration }),
  itemKey: integrationKey,
  schema: integrationSchema,
  known: new Set(Object.keys(integrationSchema.shape)),
  derived: () => ({})
}, ledgerKind = {
  keyOf: ({ id }) => id,
  itemKey: ledgerKey,
  schema: ledgerSchema,
  known: new Set(Object.keys(ledgerSchema.shape)),
  derived: ledgerExpiry
}, introductionKind = {
  keyOf: ({ id }) => id,
  itemKey: introductionKey,
  schema: introductionSchema,
  known: new Set(Object.keys(introductionSchema.shape)),
  derived: () => ({})
}, appKind = {
  keyOf: ({ id }) => id,
  itemKey: appKey,
  schema: appSchema,
  known: new Set(Object.keys(appSchema.shape)),
  derived: dutyAttributes
}, incidentKind = {
  keyOf: ({ id }) => id,
  itemKey: incidentKey,
  schema: incidentSchema,
  known: new Set(Object.keys(incidentSchema.shape)),
  derived: dutyAttributes
};
function listOrderOf({ orgId, userId }) {
  return `${orgId}#${userId}`;
}
function dueAttributes({ id, grant: grant2, nextRefreshAt }, shards) {
  let due = grant2 !== void 0 && nextRefreshAt !== void 0;
  return {
    dueShard: due ? shardName(shardOf(id, shards)) : void 0,
    generation: due ? formatGeneration({ grantId: grant2.id, refreshes: grant2.refreshes }) : void 0
  };
}
function dutyAttributes({ id, duties: duties2 }, shards) {
  let dutyDueAt = firstDueAt(duties2);
  return { dutyShard: dutyDueAt === void 0 ? void 0 : shardName(shardOf(id, shards)), dutyDueAt };
}
var keptAfterExpirySeconds = 10080 * 60;
function expiryOf({ expiresAt, duties: duties2 }) {
  if (!(Object.keys(duties2).length > 0))
    return Math.floor(expiresAt / 1e3) + keptAfterExpirySeconds;
}
var attemptsKeptSeconds = 2160 * 60 * 60;
function ledgerExpiry({ id, entries }) {
  if (!id.includes("/")) return { expiresAtEpochSeconds: void 0 };
  if (entries.length === 0) return {};
  let newest = Math.max(...entries.map(({ begunAt }) => begunAt));
  return { expiresAtEpochSeconds: Math.floor(newest / 1e3) + attemptsKeptSeconds };
}

// functions/adapters/dynamodb/listing.ts
import { BatchGetCommand, QueryCommand as QueryCommand2 } from "@aws-sdk/lib-dynamodb";
var maxPagesPerCall = 10, rowsPerFilteredPage = 100, batchGetTries = 6, firstBatchGetWaitMs = 25;
function createListing(access) {
  return {
    async listConnections(filter, limit, cursor) {
      checkLimit(limit, 100);
      let items = [], after = cursor === void 0 ? void 0 : parseListCursor(cursor, filter);
      for (let page2 = 0; page2 < maxPagesPerCall && items.length < limit; page2 += 1) {
        let wanted = limit - items.length, found = await indexPage(access, filter, wanted, after), rows2 = found.rows.slice(0, wanted), read = await readInOrder(access, rows2);
        if (items.push(...read.filter(({ status }) => filter.status === void 0 || status === filter.status)), after = rows2.length < found.rows.length ? String(rows2.at(-1)?.listOrder) : found.after, after === void 0) break;
      }
      return { items, ...after === void 0 ? {} : { cursor: formatListCursor(filter, after) } };
    }
  };
}
async function indexPage({ client, tableName }, { app: app2, orgId, status }, wanted, after) {
  let command = new QueryCommand2({
    TableName: tableName,
    IndexName: tableDefinition.indexes.list.name,
    KeyConditionExpression: `#app = :app${orgId === void 0 ? "" : " AND begins_with(#order, :org)"}`,
    ...status === void 0 ? {} : { FilterExpression: "#status = :status" },
    ExpressionAttributeNames: {
      "#app": "listApp",
      ...orgId === void 0 ? {} : { "#order": "listOrder" },
      ...status === void 0 ? {} : { "#status": "status" }
    },
    ExpressionAttributeValues: {
      ":app": app2,
      ...orgId === void 0 ? {} : { ":org": `${orgId}#` },
      ...status === void 0 ? {} : { ":status": status }
    },
    // One more than wanted tells whether this is the last page.
    Limit: status === void 0 ? wanted + 1 : rowsPerFilteredPage,
    ...after === void 0 ? {} : { ExclusiveStartKey: startKey2(app2, after) }
  }), answer2 = await answerOf("Query", () => client.send(command)), last = answer2.LastEvaluatedKey?.listOrder;
  return { rows: answer2.Items ?? [], after: typeof last == "string" ? last : void 0 };
}
function startKey2(app2, after) {
  let [orgId = "", userId = ""] = after.split("#");
  return { ...connectionKey(connectionIdOf({ app: app2, orgId, userId })), listApp: app2, listOrder: after };
}
async function readInOrder(access, rows2) {
  let keys = rows2.map((row) => ({ pk: String(row.pk), sk: String(row.sk) })), stored = await batchGet(access, keys);
  return keys.flatMap(({ pk }) => {
    let found = stored.get(pk);
    return found === void 0 ? [] : [itemOf(connectionKind, found)];
  });
}
async function batchGet({ client, tableName, wait: wait2 }, keys) {
  let found = /* @__PURE__ */ new Map(), open4 = keys.map((key) => ({ ...key }));
  for (let tries = 0; open4.length > 0; tries += 1) {
    if (tries === batchGetTries)
      throw new StoreUnavailableError(
        `DynamoDB BatchGetItem left ${open4.length} of ${keys.length} keys unread after ${tries} tries. Try again later`
      );
    tries > 0 && await wait2(firstBatchGetWaitMs * 2 ** (tries - 1));
    let command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: open4, ConsistentRead: !0 } } }), answer2 = await answerOf("BatchGetItem", () => client.send(command));
    for (let row of answer2.Responses?.[tableName] ?? []) found.set(String(row.pk), row);
    open4 = answer2.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}

// functions/adapters/dynamodb/usernames.ts
import { GetCommand as GetCommand3, PutCommand as PutCommand3 } from "@aws-sdk/lib-dynamodb";
function createUsernames({
  client,
  tableName
}) {
  return {
    async rememberUsername(app2, username, connectionId) {
      let Item = { ...usernameKey(app2, username), version: 1, app: app2, connectionId };
      await answerOf("PutItem", () => client.send(new PutCommand3({ TableName: tableName, Item })));
    },
    async connectionOfUsername(app2, username) {
      let Key = usernameKey(app2, username), command = new GetCommand3({ TableName: tableName, Key, ConsistentRead: !0 }), { Item: stored } = await answerOf("GetItem", () => client.send(command));
      if (stored !== void 0)
        return readable(String(stored.pk), stored, usernameSchema).connectionId;
    }
  };
}

// functions/adapters/dynamodb/uses.ts
import { DeleteCommand, PutCommand as PutCommand4, QueryCommand as QueryCommand3 } from "@aws-sdk/lib-dynamodb";
function createUses({ client, tableName }) {
  return {
    async addUse(connectionId, { tenant, integration }) {
      let key = useKey(connectionId, { tenant, integration }), command = new PutCommand4({ TableName: tableName, Item: { ...key, version: 1, tenant, integration } });
      await answerOf("PutItem", () => client.send(command));
    },
    async removeUse(connectionId, use) {
      let command = new DeleteCommand({ TableName: tableName, Key: useKey(connectionId, use) });
      await answerOf("DeleteItem", () => client.send(command));
    },
    // One page holds them all: a thousand uses of 0.5 KB stay under DynamoDB's megabyte.
    async usesOf(connectionId, limit, tenant) {
      checkLimit(limit, 1e3);
      let command = new QueryCommand3({
        TableName: tableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": connectionKey(connectionId).pk, ":prefix": usePrefix(tenant) },
        ConsistentRead: !0,
        Limit: limit
      }), { Items: rows2 = [] } = await answerOf("Query", () => client.send(command));
      return rows2.map(useOf);
    }
  };
}
function useOf({ pk, sk, version, tenant, integration }) {
  if (version !== 1 || typeof tenant != "string" || typeof integration != "string")
    throw new UnreadableItemError(`item ${pk}/${sk} is not a use of version 1. Deploy the release that wrote it`);
  return { tenant, integration };
}

// functions/adapters/dynamodb/store.ts
function createDynamoStore(options) {
  let { client, tableName, shards = defaultShards, log = { warn: () => {
  } } } = options, { wait: wait2 = async (ms) => {
    await waitFor(ms);
  } } = options, access = { client, tableName, shards, log, wait: wait2 };
  return {
    sessions: createCollection(access, sessionKind),
    connections: createCollection(access, connectionKind),
    integrations: createCollection(access, integrationKind),
    ledgers: createCollection(access, ledgerKind),
    introductions: createCollection(access, introductionKind),
    apps: createCollection(access, appKind),
    incidents: createCollection(access, incidentKind),
    shards,
    ...createDueIndexes(access),
    ...createListing(access),
    ...createUses(access),
    ...createUsernames(access),
    ...createDataKeys(access)
  };
}

// functions/adapters/jose-sealer.ts
import { CompactEncrypt, compactDecrypt } from "jose";

// functions/core/secret.ts
var Secret = class {
  #text;
  constructor(text4) {
    this.#text = text4;
  }
  reveal() {
    return this.#text;
  }
  toString() {
    return "[redacted]";
  }
  toJSON() {
    return "[redacted]";
  }
  [/* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom")]() {
    return "[redacted]";
  }
};

// functions/adapters/jose-sealer.ts
var keyBytes = 32, maxSealedLength = 65536;
function createJoseSealer() {
  return { seal, open };
}
async function seal(text4, key, keyId, context) {
  return new CompactEncrypt(new TextEncoder().encode(text4.reveal())).setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: keyId, [placeName]: placeOf(context) }).encrypt(dataKey(key));
}
async function open(sealed2, key, context) {
  if (sealed2.length > maxSealedLength)
    throw new SealError(`A sealed value has ${sealed2.length} characters, more than the ${maxSealedLength} allowed.`);
  let { plaintext, protectedHeader } = await decrypt(sealed2, dataKey(key));
  if (protectedHeader[placeName] !== placeOf(context)) {
    let { connectionId, grantId, purpose } = context;
    throw new SealError(
      `A sealed value was made for another place than connection ${connectionId}, grant ${grantId}, purpose ${purpose}.`
    );
  }
  return new Secret(new TextDecoder("utf-8", { fatal: !0 }).decode(plaintext));
}
var placeName = "place";
function placeOf({ connectionId, grantId, purpose }) {
  return sha256Base64url(JSON.stringify([connectionId, grantId, purpose])).slice(0, 22);
}
async function decrypt(sealed2, key) {
  try {
    return await compactDecrypt(sealed2, key, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"]
    });
  } catch (error2) {
    throw new SealError("A sealed value does not open: it was made under another key, or is damaged.", {
      cause: error2
    });
  }
}
function dataKey(key) {
  if (key.byteLength === keyBytes) return key;
  throw new SealError(`A data key must have ${keyBytes} bytes; got ${key.byteLength}.`);
}

// functions/adapters/invoke-lambda.ts
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
async function invokeLambda({ client, functionName }, event, timeoutMs6) {
  let abortSignal = AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs6))), command = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: "RequestResponse",
    Payload: JSON.stringify(event)
  });
  try {
    let { FunctionError: functionError, Payload } = await client.send(command, { abortSignal }), payload = jsonOf(Payload);
    return functionError === void 0 ? { kind: "answered", payload } : { kind: "failed", functionError: functionError.slice(0, 40), payload };
  } catch (error2) {
    let name = error2 instanceof Error ? error2.name : typeof error2;
    return { kind: "not_answered", reason: abortSignal.aborted || name === "TimeoutError" ? `no answer within ${seconds(timeoutMs6)}` : name };
  }
}
function seconds(ms) {
  return `${Math.max(0, Math.round(ms / 100) / 10)} s`;
}
function jsonOf(payload) {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return;
  }
}

// functions/adapters/lambda-maintainer.ts
var MaintainerError = class extends GrantkeeperError {
  code = "maintainer_failed";
}, maintainerTimeoutMs = 2e4;
function createLambdaMaintainer(target) {
  return {
    async doDutiesOf(connectionId) {
      let invoked = await invokeLambda(target, { version: 1, kind: "do_duties", connectionId }, maintainerTimeoutMs);
      if (invoked.kind === "answered") return;
      let what = invoked.kind === "failed" ? invoked.functionError : invoked.reason;
      throw new MaintainerError(
        `Function ${target.functionName} did not do the duties of a connection (${what}); its log says why. The schedule does them.`
      );
    }
  };
}

// functions/adapters/lambda-refresher.ts
import * as z3 from "zod/mini";
var RefresherError = class extends GrantkeeperError {
  code = "refresher_failed";
}, timeoutMs = 65e3, outcomes = {
  refreshed: "refreshed",
  not_needed: "not_needed",
  in_flight: "in_flight",
  backing_off: "backing_off",
  admin_action_required: "admin_action_required",
  reauthorization_required: "reauthorization_required",
  no_answer: "no_answer",
  in_lifeboat: "in_lifeboat",
  app_misconfigured: "app_misconfigured",
  unknown_connection: "unknown_connection"
}, reportSchema = z3.object({
  version: z3.literal(1),
  outcome: z3.enum(outcomes),
  detail: z3.optional(z3.string())
});
function createLambdaRefresher(target) {
  return {
    async refresh(request) {
      let invoked = await invokeLambda(target, request, timeoutMs);
      if (invoked.kind === "answered") return reportOf(target.functionName, invoked.payload);
      let what = invoked.kind === "failed" ? invoked.functionError : invoked.reason;
      throw new RefresherError(
        `Function ${target.functionName} failed (${what}); its log says why. The connection is refreshed by schedule.`
      );
    }
  };
}
function reportOf(functionName, payload) {
  let parsed2 = reportSchema.safeParse(payload);
  if (parsed2.success) return parsed2.data;
  let paths = parsed2.error.issues.map((issue) => issue.path.join(".") || "(root)").join(", ");
  throw new RefresherError(
    `Function ${functionName} answered with no refresh report of version 1; wrong at: ${paths}.`
  );
}

// functions/adapters/lambda-token-reader.ts
import * as z4 from "zod/mini";
var TokenReaderError = class extends GrantkeeperError {
  code = "token_reader_failed";
}, timeoutMs2 = 32e3, text = z4.string().check(z4.minLength(1)), answerSchema = z4.discriminatedUnion("kind", [
  z4.object({ version: z4.literal(1), kind: z4.literal("token"), access_token: text, instance_url: text }),
  z4.object({ version: z4.literal(1), kind: z4.literal("problem"), code: text, detail: z4.string() })
]);
function createLambdaTokenReader(target) {
  return {
    async read(connectionId, rejectedTokenSha256) {
      let invoked = await invokeLambda(
        target,
        { version: 1, kind: "read_token", connectionId, ...rejectedTokenSha256 === void 0 ? {} : { rejectedTokenSha256 } },
        timeoutMs2
      );
      if (invoked.kind === "answered") return liveTokenOf(target.functionName, invoked.payload);
      let what = invoked.kind === "failed" ? invoked.functionError : invoked.reason;
      throw new TokenReaderError(`Function ${target.functionName} handed out no token (${what}); its log says why.`);
    }
  };
}
function liveTokenOf(functionName, payload) {
  let parsed2 = answerSchema.safeParse(payload);
  if (!parsed2.success) {
    let paths = parsed2.error.issues.map((issue) => issue.path.join(".") || "(root)").join(", ");
    throw new TokenReaderError(
      `Function ${functionName} answered with no token of version 1; wrong at: ${paths}. Deploy both of one release.`
    );
  }
  let { data } = parsed2;
  return data.kind === "problem" ? { kind: "problem", code: data.code, detail: data.detail } : { kind: "token", accessToken: new Secret(data.access_token), instanceUrl: data.instance_url };
}

// functions/adapters/s3-lifeboat.ts
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client
} from "@aws-sdk/client-s3";

// functions/adapters/lifeboat-call.ts
async function boundedCall(operation, timeoutMs6, work) {
  let stop = new AbortController(), timer, timeUp = new Promise((_, reject2) => {
    timer = setTimeout(() => {
      let reason = new DOMException(`not done after ${timeoutMs6} ms`, "TimeoutError");
      stop.abort(reason), reject2(reason);
    }, timeoutMs6);
  });
  try {
    return await Promise.race([work(stop.signal), timeUp]);
  } catch (error2) {
    let name = error2 instanceof Error ? error2.name : typeof error2;
    throw new LifeboatUnavailableError(
      `S3 ${operation} failed with ${name} within ${timeoutMs6} ms; if it was a put or a removal, its outcome is unknown. Try again later`,
      { cause: error2 }
    );
  } finally {
    clearTimeout(timer);
  }
}

// functions/adapters/lifeboat-key.ts
var lifeboatPrefix = "c/";
function lifeboatKey({ connectionId, attemptId }) {
  return `${prefixOf(connectionId)}${encodeURIComponent(attemptId)}`;
}
function prefixOf(connectionId) {
  return `${lifeboatPrefix}${encodeURIComponent(connectionId)}/`;
}
function cursorAfter(key) {
  return Buffer.from(key).toString("base64url");
}
var maxCursorLength2 = 2048;
function keyAfter(cursor) {
  let key = cursor.length > maxCursorLength2 ? "" : Buffer.from(cursor, "base64url").toString();
  if (key.startsWith(lifeboatPrefix) && cursorAfter(key) === cursor) return key;
  throw new InvalidCursorError("the cursor is not one that the lifeboat gave out; begin again without a cursor");
}

// functions/adapters/lifeboat-limits.ts
function checkLifeboatLimit(limit) {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1e3))
    throw new RangeError(`limit must be an integer from 1 to 1000; got ${limit}`);
}

// functions/adapters/lifeboat-text.ts
import * as z5 from "zod/mini";
var base = { version: z5.literal(1), connectionId: z5.string(), attemptId: z5.string(), at: z5.number() }, attempt = z5.looseObject({
  id: z5.string(),
  generation: z5.looseObject({ grantId: z5.string(), refreshes: z5.int() }),
  loginUrl: z5.string()
}), made = z5.looseObject({
  accessToken: z5.string(),
  accessTokenSha256: z5.string(),
  refreshToken: z5.optional(z5.string()),
  issuedAt: z5.number(),
  expiresAt: z5.number(),
  refreshAfter: z5.number(),
  instanceUrl: z5.string(),
  rotated: z5.boolean(),
  identityChanged: z5.boolean()
}), authorization = z5.looseObject({
  connectionId: z5.string(),
  app: z5.string(),
  orgId: z5.string(),
  userId: z5.string(),
  flow: z5.string(),
  authorizedAt: z5.number(),
  begunAt: z5.number(),
  // As the table has it.
  grant: z5.nonoptional(connectionSchema.shape.grant),
  link: z5.looseObject({
    sessionId: z5.string(),
    tenant: z5.string(),
    integration: z5.string(),
    claim: z5.optional(z5.boolean()),
    takesFrom: z5.optional(z5.array(z5.string()))
  }),
  // Entries of the release before have neither.
  fingerprint: z5.optional(z5.string()),
  ledgerId: z5.optional(z5.string()),
  username: z5.optional(z5.string())
}), duty = z5.looseObject({
  kind: z5.literal("revoke"),
  grantId: z5.string(),
  refreshes: z5.int(),
  token: z5.string(),
  tokenPurpose: z5.enum(["access", "refresh"]),
  loginUrl: z5.string(),
  attempts: z5.array(z5.looseObject({ id: z5.string(), begunAt: z5.number(), refreshes: z5.int() })),
  reason: z5.string(),
  since: z5.number(),
  dueAt: z5.number(),
  tries: z5.number()
}), error = z5.looseObject({ code: z5.string(), detail: z5.string(), remedy: z5.string() }), schema = z5.discriminatedUnion("kind", [
  z5.looseObject({ ...base, kind: z5.literal("refresh"), attempt, made }),
  z5.looseObject({ ...base, kind: z5.literal("code"), authorization }),
  z5.looseObject({ ...base, kind: z5.literal("duty"), sessionId: z5.string(), error, duty })
]);
function readEntry({ key, text: text4 }) {
  let value = parsed(text4), version = typeof value == "object" && value !== null && "version" in value ? value.version : void 0;
  if (version !== 1) {
    let what = typeof version == "number" ? `has version ${version}` : "has no version";
    throw unreadable2(key, `${what}; this release reads version 1. Deploy the release that wrote it`);
  }
  let result = schema.safeParse(value);
  if (!result.success) {
    let paths = result.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join("."));
    throw unreadable2(key, `of version 1 is damaged at ${paths.join(", ")}; keep it, and have its user authorize again`);
  }
  let entry = value;
  if (lifeboatKey(entry) !== key) throw unreadable2(key, "holds an entry that belongs under another key; keep it");
  return entry;
}
function parsed(text4) {
  try {
    return JSON.parse(text4);
  } catch {
    return;
  }
}
function unreadable2(key, what) {
  return new UnreadableItemError(`lifeboat entry ${key} ${what}`);
}

// functions/adapters/s3-body.ts
import { Readable } from "node:stream";
var maxBodyBytes = 1048576;
async function boundedText(body2, signal) {
  if (!(body2 instanceof Readable)) throw new TypeError("S3 answered without a body");
  let chunks = [], length = 0, stop = () => body2.destroy();
  signal.addEventListener("abort", stop, { once: !0 });
  try {
    for await (let chunk of body2) {
      if (length += chunk.length, length > maxBodyBytes) throw new RangeError(`an object has more than ${maxBodyBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return signal.throwIfAborted(), Buffer.concat(chunks).toString();
}

// functions/adapters/s3-lifeboat.ts
var readsAtOnce = 8;
function createS3Lifeboat(options) {
  let { client, bucket: Bucket, log, writeTimeoutMs = 7e3, readTimeoutMs = 15e3 } = options, keysUnder = async (request, abortSignal) => {
    let { prefix: Prefix, after: StartAfter, limit: MaxKeys } = request, list2 = new ListObjectsV2Command({ Bucket, Prefix, StartAfter, MaxKeys }), { Contents = [], IsTruncated = !1 } = await client.send(list2, { abortSignal });
    return { keys: Contents.flatMap(({ Key }) => Key === void 0 ? [] : [Key]), more: IsTruncated };
  }, textOf = async (key, abortSignal) => {
    try {
      let { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }), { abortSignal });
      return { key, text: await boundedText(Body, abortSignal) };
    } catch (error2) {
      if (error2 instanceof NoSuchKey) return;
      throw error2;
    }
  }, textsOf = async (keys, signal) => {
    let texts = [];
    for (let start2 = 0; start2 < keys.length; start2 += readsAtOnce) {
      let some = keys.slice(start2, start2 + readsAtOnce).map((key) => textOf(key, signal));
      texts.push(...(await Promise.all(some)).filter((text4) => text4 !== void 0));
    }
    return texts;
  };
  return {
    put: (entry) => boundedCall("PutObject", writeTimeoutMs, async (abortSignal) => {
      let Body = JSON.stringify(entry), put = { Bucket, Key: lifeboatKey(entry), Body, ContentType: "application/json" };
      await client.send(new PutObjectCommand(put), { abortSignal });
    }),
    async ofConnection(connectionId) {
      return (await boundedCall("ListObjectsV2 or GetObject", readTimeoutMs, async (signal) => {
        let { keys } = await keysUnder({ prefix: prefixOf(connectionId), limit: 100 }, signal);
        return textsOf(keys, signal);
      })).map(readEntry);
    },
    async list(limit, cursor) {
      checkLifeboatLimit(limit);
      let after = cursor === void 0 ? void 0 : keyAfter(cursor), found = await boundedCall("ListObjectsV2 or GetObject", readTimeoutMs, async (signal) => {
        let { keys, more } = await keysUnder({ prefix: lifeboatPrefix, after, limit }, signal);
        return { texts: await textsOf(keys, signal), last: more ? keys.at(-1) : void 0 };
      }), items = found.texts.flatMap((text4) => readableOrTold(text4, log));
      return found.last === void 0 ? { items } : { items, cursor: cursorAfter(found.last) };
    },
    remove: (entry) => boundedCall("DeleteObject", writeTimeoutMs, async (abortSignal) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key: lifeboatKey(entry) }), { abortSignal });
    })
  };
}
function readableOrTold(text4, log) {
  try {
    return [readEntry(text4)];
  } catch (error2) {
    if (!(error2 instanceof UnreadableItemError)) throw error2;
    return log.error("An entry of the lifeboat cannot be read; it stays there.", { key: text4.key, error: error2 }), [];
  }
}

// functions/core/hosts.ts
var label2 = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", hostPatterns = [
  ["login", /^(?:login|test)\.salesforce\.com$/],
  [
    "my_domain",
    new RegExp(`^${label2}(?:\\.(?:sandbox|develop|scratch|demo|patch|trailblaze))?\\.my\\.salesforce\\.com$`)
  ],
  ["site", new RegExp(`^${label2}(?:\\.(?:sandbox|develop|scratch|demo|patch|trailblaze))?\\.my\\.site\\.com$`)],
  ["my_domain", new RegExp(`^${label2}\\.my\\.salesforce\\.mil$`)],
  ["my_domain", new RegExp(`^${label2}\\.my\\.sfcrmproducts\\.cn$`)],
  ["my_domain", new RegExp(`^${label2}\\.my-salesforce\\.com$`)],
  ["instance", /^[a-z]{2,4}[0-9]{1,4}\.salesforce\.com$/]
];
function isSalesforceUrl(url, extraOrigin) {
  let parsed2 = URL.parse(url);
  return parsed2 === null || parsed2.username !== "" || parsed2.password !== "" ? !1 : extraOrigin !== void 0 && parsed2.origin === extraOrigin ? !0 : hostKindOf(url) !== void 0;
}
function hostKindOf(url) {
  let parsed2 = URL.parse(url);
  if (!(parsed2?.protocol !== "https:" || parsed2.port !== ""))
    return hostPatterns.find(([, pattern]) => pattern.test(parsed2.hostname))?.[0];
}
function loginOrigin(url, extraOrigin) {
  let parsed2 = URL.parse(url);
  if (!(parsed2 === null || !isSalesforceUrl(url, extraOrigin)) && !(parsed2.pathname !== "/" || parsed2.search !== "" || parsed2.hash !== ""))
    return parsed2.origin;
}
function isLoopbackHost(hostname) {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

// functions/adapters/raw-answer.ts
var NetworkFailure = class extends Error {
};
function networkFailure(cause) {
  throw new NetworkFailure("no answer", { cause });
}
async function rawAnswerOf(response, bytesAtMost) {
  let chunks = [], length = 0, reader = response.body?.getReader();
  for (; ; ) {
    let { done, value } = await reader?.read().catch(networkFailure) ?? { done: !0, value: void 0 };
    if (done || value === void 0) break;
    if (length += value.byteLength, length > bytesAtMost)
      return await reader?.cancel().catch(() => {
      }), { kind: "no_answer", reason: "too_large" };
    chunks.push(value);
  }
  return {
    kind: "answer",
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body: new Secret(Buffer.concat(chunks).toString("utf8"))
  };
}

// functions/adapters/salesforce-api-http.ts
var restVersion = "v62.0", maxApiAnswerBytes = 262144;
function createSalesforceApiHttp({ fetch = globalThis.fetch } = {}) {
  return {
    identity(instanceUrl, { orgId, userId }, accessToken, timeoutMs6) {
      let path = `/id/${encodeURIComponent(orgId)}/${encodeURIComponent(userId)}`;
      return get(fetch, addressOf(instanceUrl, path), accessToken, timeoutMs6);
    },
    query(instanceUrl, soql, accessToken, timeoutMs6) {
      let address = addressOf(instanceUrl, `/services/data/${restVersion}/query`);
      return address.searchParams.set("q", soql), get(fetch, address, accessToken, timeoutMs6);
    }
  };
}
function addressOf(instanceUrl, path) {
  let address = new URL(path, instanceUrl), { protocol, hostname } = address;
  if (protocol === "https:" || protocol === "http:" && isLoopbackHost(hostname)) return address;
  throw new TypeError(`instance_url must be https (http only on loopback); got ${address.origin}`);
}
async function get(fetch, address, accessToken, timeoutMs6) {
  let signal = AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs6))), init = {
    headers: {
      accept: "application/json",
      authorization: `Bearer ${accessToken.reveal()}`,
      // A frozen Lambda wakes with dead sockets.
      connection: "close"
    },
    redirect: "manual",
    signal
  };
  try {
    return await rawAnswerOf(await fetch(address.href, init).catch(networkFailure), maxApiAnswerBytes);
  } catch (error2) {
    if (!(error2 instanceof NetworkFailure)) throw error2;
    return { kind: "no_answer", reason: signal.aborted ? "timeout" : "connection" };
  }
}

// functions/adapters/salesforce-http.ts
import * as oauth from "oauth4webapi";
var maxAnswerBytes = 65536;
function createSalesforceHttp({ fetch = globalThis.fetch } = {}) {
  return {
    exchangeCode(loginUrl, credentials, { code, redirectUri, codeVerifier }, timeoutMs6) {
      return send(fetch, loginUrl, timeoutMs6, (server, options) => {
        let client = clientOf(credentials), parameters = new URLSearchParams({ code: code.reveal() }), callback = oauth.validateAuthResponse(server, client, parameters, oauth.expectNoState), verifier = codeVerifier.reveal();
        return oauth.authorizationCodeGrantRequest(
          server,
          client,
          authenticationOf(credentials),
          callback,
          redirectUri,
          verifier,
          options
        );
      });
    },
    refresh(loginUrl, credentials, refreshToken, timeoutMs6) {
      return send(
        fetch,
        loginUrl,
        timeoutMs6,
        (server, options) => oauth.refreshTokenGrantRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          refreshToken.reveal(),
          options
        )
      );
    },
    exchangeAssertion(loginUrl, assertion, timeoutMs6) {
      return send(fetch, loginUrl, timeoutMs6, (server, options) => {
        let parameters = new URLSearchParams({ assertion: assertion.reveal() });
        return oauth.genericTokenEndpointRequest(server, anyClient, withoutClient, "urn:ietf:params:oauth:grant-type:jwt-bearer", parameters, options);
      });
    },
    askAsClient(loginUrl, credentials, timeoutMs6) {
      return send(
        fetch,
        loginUrl,
        timeoutMs6,
        (server, options) => oauth.clientCredentialsGrantRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          new URLSearchParams(),
          options
        )
      );
    },
    revoke(loginUrl, token, timeoutMs6) {
      return send(
        fetch,
        loginUrl,
        timeoutMs6,
        (server, options) => oauth.revocationRequest(server, anyClient, withoutClient, token.reveal(), options)
      );
    },
    introspect(loginUrl, credentials, accessToken, timeoutMs6) {
      return send(
        fetch,
        loginUrl,
        timeoutMs6,
        (server, options) => oauth.introspectionRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          accessToken.reveal(),
          options
        )
      );
    }
  };
}
function clientOf({ clientId }) {
  return { client_id: clientId };
}
function authenticationOf({ clientSecret }) {
  return clientSecret === void 0 ? oauth.None() : oauth.ClientSecretPost(clientSecret.reveal());
}
var anyClient = { client_id: "none" }, withoutClient = () => {
};
function serverOf(loginUrl) {
  let endpoint = (name) => new URL(`/services/oauth2/${name}`, loginUrl).href;
  return {
    issuer: loginUrl,
    token_endpoint: endpoint("token"),
    revocation_endpoint: endpoint("revoke"),
    introspection_endpoint: endpoint("introspect")
  };
}
async function send(fetch, loginUrl, timeoutMs6, request) {
  let signal = AbortSignal.timeout(timeoutMs6), { protocol, hostname } = new URL(loginUrl), options = {
    // A frozen Lambda wakes with dead sockets: a reset on one would count as an answer that was lost.
    headers: { connection: "close" },
    signal,
    [oauth.allowInsecureRequests]: protocol === "http:" && isLoopbackHost(hostname),
    [oauth.customFetch]: (url, init) => fetch(url, init).catch(networkFailure)
  };
  try {
    return await rawAnswerOf(await request(serverOf(loginUrl), options), maxAnswerBytes);
  } catch (error2) {
    if (!(error2 instanceof NetworkFailure)) throw error2;
    return { kind: "no_answer", reason: signal.aborted ? "timeout" : "connection" };
  }
}

// functions/adapters/sns-alert-topic.ts
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
var maxSubjectLength = 100;
function createSnsAlertTopic({ client, topicArn }) {
  return {
    async publish(alert) {
      await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subjectOf(alert),
          MessageStructure: "json",
          Message: JSON.stringify({ default: JSON.stringify(alert), email: readableText(alert) }),
          MessageAttributes: attributesOf2(alert)
        })
      );
    }
  };
}
function readableText(alert) {
  return [
    alert.summary,
    "",
    `What to do: ${alert.remedy}`,
    "",
    `Cause: ${alert.cause}`,
    ...alert.evidence.map((fact) => `  - ${fact}`),
    "",
    `App: ${alert.app || "none in particular"}`,
    `Org: ${alert.org_id || "none in particular"}`,
    `Connections: ${alert.connection_ids.join(", ") || "none named"}`,
    ...Object.entries(alert.counts).map(([name, count2]) => `${name}: ${count2}`),
    `Since: ${alert.opened_at}`,
    `Severity: ${alert.severity}`,
    `Alert: ${alert.type}, id ${alert.id} (the same id again is the same alert)`
  ].join(`
`);
}
function subjectOf(alert) {
  let subject = `[Grantkeeper] ${alert.severity}: ${alert.summary}`.replaceAll(/[^\x20-\x7e]+/g, " ");
  return subject.length <= maxSubjectLength ? subject : `${subject.slice(0, maxSubjectLength - 3)}...`;
}
function attributesOf2(alert) {
  let values = { type: alert.type, app: alert.app, org_id: alert.org_id, severity: alert.severity };
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "").map(([name, value]) => [name, { DataType: "String", StringValue: value }])
  );
}

// functions/adapters/sqs-configuration-queue.ts
import { SendMessageCommand } from "@aws-sdk/client-sqs";
var ConfigurationQueueError = class extends GrantkeeperError {
  code = "configuration_queue_unavailable";
};
function createSqsConfigurationQueue({ client, queueUrl }) {
  return {
    async send({ version, tenant, integration, configurationVersion }) {
      let body2 = { version, tenant, integration, configurationVersion };
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(body2) }));
      } catch (error2) {
        let name = error2 instanceof Error ? error2.name : typeof error2;
        throw new ConfigurationQueueError(`A configuration request was not queued (${name}); try again later.`, {
          cause: error2
        });
      }
    }
  };
}

// functions/adapters/sqs-refresh-queue.ts
import { createHash as createHash2 } from "node:crypto";
import {
  SendMessageBatchCommand,
  SQSClient
} from "@aws-sdk/client-sqs";
var RefreshQueueError = class extends GrantkeeperError {
  code = "refresh_queue_unavailable";
}, batchSize = 10, maxTries = 3, firstPauseMs = 100;
function createSqsRefreshQueue(options) {
  return {
    async send(requests) {
      for (let start2 = 0; start2 < requests.length; start2 += batchSize)
        await sendBatch(options, requests.slice(start2, start2 + batchSize).map(entryOf));
    }
  };
}
async function sendBatch(options, entries) {
  let rest = entries;
  for (let tries = 1; ; tries += 1) {
    let { Failed = [] } = await options.client.send(
      new SendMessageBatchCommand({ QueueUrl: options.queueUrl, Entries: rest })
    );
    if (Failed.length === 0) return;
    if (tries === maxTries || Failed.some(({ SenderFault }) => SenderFault)) throw notQueued(Failed, tries);
    let failedIds = new Set(Failed.map(({ Id }) => Id));
    rest = rest.filter(({ Id }) => failedIds.has(Id)), await options.clock.wait(firstPauseMs * 2 ** (tries - 1));
  }
}
function entryOf({ request, orgId, nextRefreshAt, group = orgId }, index) {
  return {
    Id: String(index),
    MessageBody: JSON.stringify(request),
    MessageGroupId: group,
    MessageDeduplicationId: createHash2("sha256").update(
      JSON.stringify([request.connectionId, request.generation.grantId, request.generation.refreshes, nextRefreshAt])
    ).digest("hex")
  };
}
function notQueued(failed3, tries) {
  let codes = [...new Set(failed3.map(({ Code }) => Code))].join(", ");
  return new RefreshQueueError(
    `${failed3.length} refresh requests were not queued in ${tries} of at most ${maxTries} tries (${codes}).`
  );
}

// functions/core/return-to.ts
function isAllowedReturnTo(returnTo, allowed, loopback) {
  let url = URL.parse(returnTo);
  return url === null || url.hash !== "" || returnTo.includes("#") || url.username !== "" || url.password !== "" ? !1 : loopback && url.protocol === "http:" && isLoopbackHost(url.hostname) ? !0 : allowed.some((entry) => {
    let listed = URL.parse(entry);
    return listed !== null && listed.origin === url.origin && listed.pathname === url.pathname;
  });
}
function returnAddress(returnTo, parameters) {
  let url = new URL(returnTo);
  for (let [name, value] of Object.entries(parameters))
    value === void 0 ? url.searchParams.delete(name) : url.searchParams.set(name, value);
  return url.href;
}

// functions/core/cadence.ts
function sessionTimes(issuedAt, lengthMs, now) {
  let start2 = issuedAt + lengthMs <= now + 6e4 ? now : issuedAt;
  return { expiresAt: start2 + lengthMs, refreshAfter: start2 + Math.floor(lengthMs * 0.75) };
}
function nextRefreshAfterSuccess(grant2, inUse, fraction, idleLimitMs = Number.POSITIVE_INFINITY) {
  let idleAt = grant2.refreshedAt + Math.min(864e5, idleLimitMs / 2), target = Math.floor(inUse ? Math.min(grant2.refreshAfter, idleAt) : idleAt), interval = Math.max(0, target - grant2.refreshedAt);
  return Math.max(target - Math.floor(interval * 0.1 * fraction), grant2.refreshedAt + 6e4);
}
function backoffMs(failures, fraction) {
  let ceiling = Math.min(36e5, 5e3 * 2 ** Math.min(failures, 20));
  return Math.max(1e3, Math.floor(ceiling * fraction));
}
var longestSessionMs = 24 * 36e5;
function mayStillLive(grant2, now) {
  let { lastFailure, identityChanged, rejectedRefreshes, refreshes, issuedAt, failures } = grant2;
  return identityChanged === !0 || rejectedRefreshes === refreshes || failures === 0 ? !1 : lastFailure !== void 0 && ["transient", "busy", "unknown"].includes(lastFailure.class) && now + 6e4 < issuedAt + longestSessionMs;
}
function isServable(grant2, now) {
  return grant2.identityChanged === !0 ? !1 : grant2.rejectedRefreshes !== grant2.refreshes && now + 6e4 < grant2.expiresAt;
}

// functions/core/generation.ts
function sameGeneration(a, b) {
  return a.grantId === b.grantId && a.refreshes === b.refreshes;
}

// functions/core/grant.ts
function generationOf(grant2) {
  return { grantId: grant2.id, refreshes: grant2.refreshes };
}
function ownerGaveUp({ lease, attempts: attempts2, lastFailure }) {
  let attempt2 = attempts2.find((one) => one.id === lease?.attempt);
  return lastFailure?.error === "no_answer" && attempt2 !== void 0 && lastFailure.at >= attempt2.begunAt;
}
function leaseLives(grant2, now) {
  return grant2.lease !== void 0 && grant2.lease.until > now;
}

// functions/core/settle-refresh.ts
function decideCommit(connection, attempt2, made2, now, fraction, idleLimitMs) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0 || grant2.id !== attempt2.generation.grantId)
    return supersededDecision(connection, attempt2, made2, now);
  if (grant2.madeBy === attempt2.id) return { kind: "committed" };
  if (grant2.refreshes !== attempt2.generation.refreshes) return { kind: "stale" };
  let inUse = grant2.readRefreshes === grant2.refreshes, { rotated, identityChanged, ...tokens } = made2, next2 = {
    ...grant2,
    ...tokens,
    refreshes: grant2.refreshes + 1,
    madeBy: attempt2.id,
    refreshedAt: now,
    ownKeys: void 0,
    failures: 0,
    lastFailure: void 0,
    deadSince: void 0,
    death: void 0,
    rejectedRefreshes: void 0,
    rotates: rotated || grant2.rotates === !0,
    identityChanged: identityChanged || void 0,
    ...settled(grant2, attempt2)
  }, after = {
    ...connection,
    status: "active",
    cause: void 0,
    grant: next2,
    nextRefreshAt: nextRefreshAfterSuccess(next2, inUse, fraction, idleLimitMs)
  };
  if (wasRejected(grant2, made2))
    return { kind: "commit", after: repeated(after, next2, grant2.failures + 1, now, fraction) };
  if (!identityChanged) return { kind: "commit", after: withRecovery(connection, after, attempt2.id, now) };
  let changed = { ...after, status: "admin_action_required", cause: "identity_changed" };
  if (connection.cause === "identity_changed") return { kind: "commit", after: changed };
  let alert = { type: "admin_action_required", cause: "identity_changed", alertId: attempt2.id };
  return { kind: "commit", after: withAlert(changed, alert, now) };
}
function wasRejected(before, made2) {
  return before.rejectedRefreshes === before.refreshes && before.accessTokenSha256 === made2.accessTokenSha256;
}
function repeated(after, grant2, failures, now, fraction) {
  let lastFailure = { at: now, class: "unknown", error: "token_repeated", description: "The refresh brought the rejected access token again." };
  return {
    ...after,
    grant: { ...grant2, rejectedRefreshes: grant2.refreshes, failures, lastFailure },
    nextRefreshAt: now + backoffMs(failures, fraction)
  };
}
function withRecovery(before, after, alertId, now) {
  return before.status !== "admin_action_required" && before.status !== "reauthorization_required" ? after : withAlert(after, { type: "connection_recovered", cause: before.cause ?? before.status, alertId }, now);
}
function settled(grant2, attempt2) {
  let other = grant2.lease !== void 0 && grant2.lease.attempt !== attempt2.id ? grant2.lease : void 0;
  return { lease: other, attempts: grant2.attempts.filter((one) => one.id === other?.attempt) };
}
function supersededDecision(connection, attempt2, made2, now) {
  let id = revokeDutyId(attempt2.generation.grantId), open4 = connection.duties[id], duty2 = open4?.kind === "revoke" ? open4 : void 0, refreshes = attempt2.generation.refreshes + 1, rotatedToken = made2?.rotated === !0 ? made2.refreshToken : void 0, newer = rotatedToken !== void 0 && (duty2 === void 0 || duty2.refreshes < refreshes), settles = duty2?.attempts.some((one) => one.id === attempt2.id) ?? !1;
  if (!newer && !settles) return { kind: "stale" };
  let known3 = duty2 ?? lateDuty(attempt2, now), after = {
    ...known3,
    lease: known3.lease?.attempt === attempt2.id ? void 0 : known3.lease,
    attempts: known3.attempts.filter((one) => one.id !== attempt2.id),
    ...newer ? { token: rotatedToken, tokenPurpose: "refresh", ownKeys: void 0, refreshes } : {}
  };
  return { kind: "superseded", after: { ...connection, duties: { ...connection.duties, [id]: after } } };
}
function lateDuty(attempt2, now) {
  return {
    kind: "revoke",
    grantId: attempt2.generation.grantId,
    refreshes: -1,
    token: "",
    tokenPurpose: "refresh",
    loginUrl: attempt2.loginUrl,
    attempts: [],
    reason: "superseded",
    since: now,
    dueAt: now,
    tries: 0
  };
}
var deadConfirmMs = 5e3, adminHourlyTries = 24;
function decideRefusal(connection, attempt2, refusal4, now, fraction, alertId) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0 || grant2.id !== attempt2.generation.grantId) {
    let decision = supersededDecision(connection, attempt2, void 0, now);
    return decision.kind === "superseded" ? decision.after : void 0;
  }
  if (grant2.lease?.attempt !== attempt2.id || grant2.refreshes !== attempt2.generation.refreshes) return;
  let failed3 = {
    ...grant2,
    lease: void 0,
    attempts: grant2.attempts.filter((one) => one.id !== attempt2.id),
    failures: grant2.failures + 1,
    lastFailure: { at: now, class: refusal4.class, error: refusal4.error, description: refusal4.description }
  };
  switch (refusal4.class) {
    case "dead":
      return dead({ ...connection, grant: failed3 }, failed3, refusal4, now, alertId);
    case "admin":
      return connection.status === "reauthorization_required" ? stillDead(connection, failed3, now) : adminActionRequired({ ...connection, grant: failed3 }, failed3, refusal4, now, alertId);
    case "operator":
    case "transient":
    case "busy":
    case "bug":
    case "unknown":
      return { ...connection, grant: failed3, nextRefreshAt: now + backoffMs(failed3.failures, fraction) };
  }
}
var deadRetriesMs = [36e5, 24 * 36e5, 72 * 36e5];
function dead(connection, grant2, refusal4, now, alertId) {
  if (connection.status === "reauthorization_required") return stillDead(connection, grant2, now);
  if (grant2.deadSince === void 0 || now - grant2.deadSince < deadConfirmMs) {
    let deadSince = grant2.deadSince ?? now;
    return { ...connection, grant: { ...grant2, deadSince }, nextRefreshAt: deadSince + deadConfirmMs };
  }
  let cause = causeOfDeath(grant2, refusal4), death = { at: now, tries: 0 };
  return withAlert(
    {
      ...connection,
      status: "reauthorization_required",
      cause,
      grant: { ...grant2, death },
      nextRefreshAt: deadRetryAt(death)
    },
    { type: "reauthorization_required", cause, alertId },
    now
  );
}
function stillDead(connection, grant2, now) {
  let death = { at: grant2.death?.at ?? now, tries: (grant2.death?.tries ?? 0) + 1 };
  return { ...connection, grant: { ...grant2, death }, nextRefreshAt: deadRetryAt(death) };
}
function deadRetryAt({ at, tries }) {
  let afterMs = deadRetriesMs[tries];
  return afterMs === void 0 ? void 0 : at + afterMs;
}
function causeOfDeath(grant2, refusal4) {
  let mayRotate = grant2.rotates === !0 || grant2.refreshes === 0, unanswered = grant2.attempts.some((one) => one.refreshes === grant2.refreshes);
  return mayRotate && unanswered ? "lost_response" : refusal4.description.trim().toLowerCase() === "authentication failure" ? "user_deactivated_or_password_changed" : "revoked_or_unknown";
}
function adminActionRequired(connection, grant2, refusal4, now, alertId) {
  let interval = grant2.failures <= adminHourlyTries ? 36e5 : 864e5, cause = grant2.identityChanged === !0 ? "identity_changed" : causeOf(refusal4), after = { ...connection, status: "admin_action_required", cause, nextRefreshAt: now + interval };
  return connection.status === "admin_action_required" ? after : withAlert(after, { type: "admin_action_required", cause, alertId }, now);
}
function causeOf({ error: error2, description }) {
  return error2 === "invalid_grant" && slug(description) || error2;
}
function withAlert(connection, alert, now) {
  let duty2 = { kind: "alert", ...alert, since: now, dueAt: now, tries: 0 };
  return { ...connection, duties: { ...connection.duties, [alertDutyId(alert.alertId)]: duty2 } };
}
function decideNoAnswer(connection, attempt2, reason, now, fraction) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0 || grant2.lease?.attempt !== attempt2.id || ownerGaveUp(grant2) || !sameGeneration({ grantId: grant2.id, refreshes: grant2.refreshes }, attempt2.generation)) return;
  let failures = grant2.failures + 1;
  return {
    ...connection,
    nextRefreshAt: Math.max(grant2.lease.until, now + backoffMs(failures, fraction)),
    grant: {
      ...grant2,
      failures,
      lastFailure: { at: now, class: "transient", error: "no_answer", description: reason }
    }
  };
}
function revokeDutyId(grantId) {
  return `revoke.${grantId}`;
}
function alertDutyId(alertId) {
  return `alert.${alertId}`;
}
function slug(text4) {
  return text4.trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "");
}

// functions/core/session-claim.ts
var claimTimeMs = 5 * 6e4;
function isClaimOf(session, claim3) {
  let expected = session.binding?.claimSha256;
  return expected !== void 0 && equalInConstantTime(sha256Hex(claim3), expected);
}
function authorize(session, connectionId, now) {
  if (session.status !== "pending" && session.status !== "exchanging") return;
  let expiresAt = Math.max(session.expiresAt, now + claimTimeMs);
  return { ...session, status: "authorized", connectionId, expiresAt, error: void 0 };
}
function needsClaim({ claim: claim3, claimedAt }) {
  return claim3 === !0 && claimedAt === void 0;
}
function claimed(session, now) {
  if (session.status !== "authorized" || session.claimedAt !== void 0 || session.expiresAt <= now) return;
  let status = session.identity === void 0 ? session.status : "signed_in";
  return { ...session, status, claimedAt: now };
}
function isUnclaimed(session, now) {
  return session.status === "authorized" && needsClaim(session) && session.expiresAt <= now;
}
var unclaimed = {
  code: "unclaimed",
  detail: "The user authorized, and the service did not claim the session in time; nothing was linked.",
  remedy: "Open a new link from the product, while logged in to it, and finish in the same browser."
};
function awaitClaim(session, connectionId, now) {
  if (session?.claimedAt !== void 0) return { keep: !0, result: { kind: "free" } };
  let open4 = session && authorize(session, connectionId, now);
  return open4 !== void 0 ? { write: open4, result: { kind: "wait", until: open4.expiresAt } } : session?.status !== "authorized" ? { keep: !0, result: { kind: "unclaimed" } } : session.expiresAt > now ? { keep: !0, result: { kind: "wait", until: session.expiresAt } } : { write: { ...session, status: "failed", error: unclaimed }, result: { kind: "unclaimed" } };
}
function signedIn(session, identity, revoke2, now) {
  if (session.identity !== void 0) return;
  let after = {
    ...session,
    identity,
    error: void 0,
    duties: { ...session.duties, [revokeDutyId(revoke2.grantId)]: revoke2 }
  };
  return session.claim === !0 ? authorize(after, void 0, now) : { ...after, status: "signed_in" };
}

// functions/core/session-step.ts
function sessionStatus(session, now) {
  return session.status === "pending" && session.expiresAt <= now ? "expired" : isUnclaimed(session, now) || exchangeIsLost(session, now) ? "failed" : session.status;
}
function exchangeIsLost(session, now) {
  return session.status !== "exchanging" || session.attempt === void 0 ? !1 : session.attempt.begunAt + 255e3 < now;
}
var lostResponse = {
  code: "lost_response",
  detail: "The code was sent to Salesforce, and no answer was kept: the process or the connection broke off.",
  remedy: "Open a new link and authorize again; a grant that Salesforce may have made stays unused."
}, disconnectedMeanwhile = {
  code: "disconnected",
  detail: "The connection was disconnected while the user was authorizing; the new grant was revoked.",
  remedy: "Open a new link if it shall be connected again."
};
function sessionErrorOf(session, now) {
  return session.error !== void 0 ? session.error : isUnclaimed(session, now) ? unclaimed : exchangeIsLost(session, now) ? lostResponse : void 0;
}
function bind(session, binding, now) {
  return sessionStatus(session, now) === "pending" ? { ...session, binding } : void 0;
}
function consume(session, attemptId, seen, now) {
  return session.status === "exchanging" && session.attempt?.id === attemptId ? { kind: "consumed" } : sessionStatus(session, now) !== "pending" ? { kind: "refuse" } : session.binding?.stateSha256 !== seen.stateSha256 ? { kind: "refuse" } : { kind: "consume", after: { ...session, status: "exchanging", attempt: { id: attemptId, begunAt: now } } };
}
function unconsume(session, attemptId) {
  if (!(session.status !== "exchanging" || session.attempt?.id !== attemptId))
    return { ...session, status: "pending", attempt: void 0 };
}
function fail(session, error2, attemptId, revoke2) {
  let { status, attempt: attempt2 } = session, open4 = status === "pending" || status === "exchanging" && attempt2?.id === attemptId;
  if (!open4 && revoke2 === void 0) return;
  let duties2 = revoke2 === void 0 ? session.duties : { ...session.duties, [revokeDutyId(revoke2.grantId)]: revoke2 };
  return open4 ? { ...session, status: "failed", error: error2, duties: duties2 } : { ...session, duties: duties2 };
}
var overtaken = {
  code: "overtaken",
  detail: "The integration was linked to another connection, or unlinked, while the user was authorizing; this one is not used.",
  remedy: "Open a new link if the integration shall use this user after all."
};
function overtake(session) {
  if (!(session.status === "connected" || session.status === "failed"))
    return { ...session, status: "failed", error: overtaken };
}
function connect(session, connectionId) {
  if (session.status !== "connected")
    return { ...session, status: "connected", connectionId, error: void 0 };
}

// functions/core/authorization-error.ts
var known = {
  access_denied: {
    detail: "The user, or a policy of the org, did not allow the access.",
    remedy: "Open a new link and choose Allow; if there was no question, ask the Salesforce administrator."
  },
  OAUTH_APP_BLOCKED: {
    detail: "The org's administrator has blocked this app.",
    remedy: "Ask the Salesforce administrator to unblock the app in Setup, under Connected Apps OAuth Usage."
  },
  OAUTH_APP_ACCESS_DENIED: {
    detail: "The user is not approved for this app.",
    remedy: "Ask the Salesforce administrator to give the user's profile or permission set access to the app."
  },
  OAUTH_EC_APP_NOT_FOUND: {
    detail: "The external client app is not installed in this org.",
    remedy: "Ask the Salesforce administrator to install the app in the org, then open a new link."
  },
  OAUTH_AUTHORIZATION_BLOCKED: {
    detail: "The org blocks new authorizations of this app.",
    remedy: "Ask the Salesforce administrator to install or allow the app, then open a new link."
  },
  invalid_request: {
    detail: "Salesforce calls the authorization request malformed.",
    remedy: "Ask the operator of this service to check the app's settings (PKCE, callback URL, scopes) in Salesforce Setup."
  },
  immediate_unsuccessful: {
    detail: "The user was not logged in, or had not approved the app before.",
    remedy: "Open a new link and log in."
  },
  invalid_scope: {
    detail: "The app asks for a scope that Salesforce does not give it.",
    remedy: "Ask the operator of this service to compare the app's scopes with those in Salesforce Setup."
  },
  inactive_user: {
    detail: "The user is deactivated.",
    remedy: "Log in as another user, or ask the Salesforce administrator to activate this one."
  },
  inactive_org: {
    detail: "The org is locked, suspended or expired.",
    remedy: "Ask the Salesforce administrator to reactivate the org."
  },
  rate_limit_exceeded: {
    detail: "Salesforce refuses more logins for now.",
    remedy: "Wait an hour, then open a new link."
  },
  server_error: { detail: "Salesforce failed.", remedy: "Open a new link in a few minutes." },
  temporarily_unavailable: { detail: "Salesforce is not available.", remedy: "Open a new link in a few minutes." }
}, knownAuthorizationErrors = Object.keys(known);
function authorizationError(error2) {
  let entry = Object.hasOwn(known, error2) ? known[error2] : void 0;
  return entry !== void 0 ? { code: error2, ...entry } : {
    code: error2.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 64) || "unknown_error",
    detail: "Salesforce ended the authorization with an error that we do not know.",
    remedy: "Open a new link; if it happens again, look the code up in Salesforce Help."
  };
}

// functions/core/browser-binding.ts
function sessionIdOfLinkSecret(linkSecret) {
  return sha256Base64url(`link.${linkSecret}`);
}
function cookieName(sessionId) {
  return `__Host-grantkeeper-${sessionId}`;
}
function cookieHeader(sessionId, value, maxAgeSeconds) {
  return `${cookieName(sessionId)}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
}
function stateOf(sessionId, cookie) {
  return `${sessionId}.${sha256Base64url(`state.${cookie}`)}`;
}
function sessionIdOfState(state) {
  let [sessionId, rest, ...more] = state.split(".");
  if (!(sessionId === void 0 || rest === void 0 || more.length > 0))
    return sessionIdPattern.test(sessionId) && sessionIdPattern.test(rest) ? sessionId : void 0;
}
function codeVerifierOf(binding, cookie) {
  return new Secret(sha256Base64url(`verifier.${binding.verifierSalt}.${cookie}`));
}
function codeChallengeOf(verifier) {
  return sha256Base64url(verifier.reveal());
}
function bindingOf(sessionId, cookie, verifierSalt) {
  return {
    cookieSha256: sha256Hex(cookie),
    stateSha256: sha256Hex(stateOf(sessionId, cookie)),
    verifierSalt,
    claimSha256: sha256Hex(claimOf({ verifierSalt }, cookie))
  };
}
function claimOf({ verifierSalt }, cookie) {
  return sha256Base64url(`claim.${verifierSalt}.${cookie}`);
}
function isBoundBrowser(session, cookie) {
  return session.binding === void 0 || cookie === void 0 ? !1 : equalInConstantTime(sha256Hex(cookie), session.binding.cookieSha256);
}
function isStateOf(session, state) {
  return session.binding !== void 0 && equalInConstantTime(sha256Hex(state), session.binding.stateSha256);
}

// functions/core/judge-token-answer.ts
import * as z6 from "zod/mini";

// functions/core/error-remedies.ts
var app = "Setup > External Client App Manager > the app", appSettings = `${app} > Settings > OAuth Settings`, appPolicies = `${app} > Policies > OAuth Policies`, wait = "Nothing is to be done: it is tried again by itself.", restart = "Open a new connect link and authorize again.", askUs = "This is a defect: report it with the log of the attempt.", preauthorize = `${appPolicies}: set Permitted Users to "Admin approved users are pre-authorized"; then, under App Policies, select a profile or permission set that the user has. Of a connected app: Setup > Manage Connected Apps > the app > Manage Profiles or Manage Permission Sets.`, enableAssertions = `${appSettings} > Flow Enablement: turn on Enable JWT Bearer Flow and upload the certificate (of a connected app: Use digital signatures).`, enableClients = `${appSettings} > Flow Enablement: turn on Enable Client Credentials Flow; then ${appPolicies} > OAuth Flows and External Client App Enhancements: turn it on there too, and choose Run As.`, enableFlow = `Turn the flow on for the app: ${appSettings} > Flow Enablement.`, mendUser = "Look at the user in Setup > Users (active, not frozen, not locked) and in Setup > Login History; once that is set right, it goes on by itself.";

// functions/core/invalid-grant-rows.ts
var noToken = {
  meaning: "Salesforce speaks of a token, though none was sent; what it means by that is not known.",
  actor: "administrator",
  remedy: mendUser
}, lockedOut = {
  meaning: "The user is locked, frozen or deactivated.",
  actor: "administrator",
  remedy: mendUser
}, rows = [
  {
    description: "expired access/refresh token",
    class: "dead",
    meaning: "The refresh token expired, was revoked, evicted by a newer grant or rotated out; which of them is not said.",
    actor: "user",
    remedy: restart,
    words: { jwt_bearer: noToken, client_credentials: noToken }
  },
  {
    description: "token request is already being processed",
    class: "busy",
    meaning: "Another refresh of the same token is in flight, perhaps by a program that shares it.",
    actor: "nobody",
    remedy: `${wait} If it lasts, look for another program that uses this refresh token.`
  },
  {
    description: "expired authorization code",
    // Of an assertion: reported of several clients (simple-salesforce 371 and 491, newrelic-salesforce-exporter 31).
    class: { code: "dead", refresh: "busy", jwt_bearer: "operator", client_credentials: "unknown" },
    meaning: "The code is older than 15 minutes or was used before.",
    actor: "user",
    remedy: restart,
    words: {
      refresh: { meaning: "Seen for a refresh that races another.", actor: "nobody", remedy: wait },
      jwt_bearer: {
        meaning: "The assertion had expired when Salesforce read it (reported): our clock is behind, by minutes.",
        actor: "operator",
        remedy: "Set the clock of the machine that signs; on Lambda, where AWS sets it, report it as a defect."
      }
    }
  },
  {
    description: "invalid authorization code",
    class: { code: "dead", refresh: "unknown" },
    meaning: "The code is not one of this app and callback URL.",
    actor: "user",
    remedy: restart
  },
  {
    description: "invalid code verifier",
    class: "bug",
    meaning: "The PKCE verifier does not fit the challenge.",
    actor: "operator",
    remedy: askUs
  },
  {
    description: "authentication failure",
    class: "dead",
    meaning: "The user's password was changed, or the user is locked or deactivated.",
    actor: "user",
    remedy: "Have the administrator look at the user (Setup > Users), then authorize again.",
    words: { jwt_bearer: lockedOut, client_credentials: lockedOut }
  },
  {
    description: "inactive user",
    class: "admin",
    meaning: "The user is deactivated.",
    actor: "administrator",
    remedy: "Activate the user (Setup > Users), or connect another user."
  },
  {
    description: "ip restricted",
    class: "admin",
    meaning: "The org takes logins and refreshes only from IP addresses that it lists.",
    actor: "administrator",
    remedy: `Add our egress addresses to the profile (Setup > Profiles > Login IP Ranges), or relax the app's IP Relaxation (${appPolicies}).`
  },
  {
    description: "ip restricted or invalid login hours",
    class: "admin",
    meaning: "The profile's IP ranges or login hours keep the user out.",
    actor: "administrator",
    remedy: "Look at the profile: Setup > Profiles > Login IP Ranges and Login Hours."
  },
  {
    description: "user hasn't approved this consumer",
    class: "admin",
    meaning: "The user is not pre-authorized for the app, or the org that was asked has no user of this name.",
    actor: "administrator",
    remedy: preauthorize
  },
  {
    description: "invalid assertion",
    class: "operator",
    meaning: "The assertion does not fit a certificate that Salesforce holds for the app, or a claim is wrong.",
    actor: "operator",
    remedy: `${enableAssertions} It must be the one that npx grantkeeper signing-key wrote last; with --try USERNAME the command says which key Salesforce takes. Compare clientId with the consumer key there.`
  },
  ...["audience is invalid", "audience validation failed"].map((description) => ({
    description,
    class: "operator",
    meaning: "The assertion is meant for another host than the one where the org logs in.",
    actor: "operator",
    remedy: "Set the app's loginUrl in the configuration to https://login.salesforce.com, to https://test.salesforce.com for a sandbox, or to the org's My Domain (Setup > My Domain); the audience follows it. Where you wrote audience, leave it out, or write the Experience Cloud site's URL."
  })),
  {
    description: "no client credentials user enabled",
    class: "operator",
    meaning: "The app has no user to run as.",
    actor: "operator",
    remedy: enableClients
  },
  {
    description: "no valid scopes defined",
    class: "operator",
    meaning: "The app has no scope that this flow may give.",
    actor: "operator",
    remedy: `${appSettings}: add "Manage user data via APIs (api)" to Selected OAuth Scopes.`
  },
  {
    description: "request not supported on this domain",
    class: "operator",
    meaning: "This flow works on the My Domain host only.",
    actor: "operator",
    remedy: "Set the app's loginUrl in the configuration to the org's My Domain (Setup > My Domain), such as https://example.my.salesforce.com."
  }
], invalidGrantRows = rows.map((row) => ({ error: "invalid_grant", ...row }));

// functions/core/token-error-rows.ts
var byFlow = {
  jwt_bearer: { remedy: enableAssertions },
  client_credentials: { remedy: enableClients }
}, manyLogins = {
  meaning: "Salesforce takes 3,600 logins of a user in an hour, those of other programs included.",
  remedy: `${wait} If it comes back, lower loginsPerHour of the app, or give the app a user of its own.`
}, tokenErrorRows = [
  {
    error: "invalid_app_access",
    class: "admin",
    meaning: "The user is not approved by an administrator to use the app.",
    actor: "administrator",
    remedy: preauthorize
  },
  {
    error: "invalid_client_id",
    class: "operator",
    meaning: "Salesforce does not know the consumer key; also for some minutes after an app was created.",
    actor: "operator",
    remedy: `Compare clientId with ${appSettings} > Consumer Key and Secret; for a new app, wait ten minutes.`
  },
  ...["invalid_client", "invalid_client_credentials"].map(
    (error2) => ({
      error: error2,
      class: "operator",
      meaning: "The client secret is wrong, or was rotated.",
      actor: "operator",
      remedy: `Put the consumer secret (${appSettings} > Consumer Key and Secret) into Secrets Manager; the stack names the secret.`,
      words: {
        jwt_bearer: {
          meaning: "Salesforce does not know who asks: an assertion names the consumer key, and no secret goes with it.",
          remedy: `Compare clientId with ${appSettings} > Consumer Key and Secret.`
        }
      }
    })
  ),
  {
    error: "invalid_request",
    class: "bug",
    meaning: "Salesforce calls the request malformed.",
    actor: "operator",
    remedy: askUs
  },
  {
    error: "unsupported_grant_type",
    class: "operator",
    meaning: "The app may not use this flow.",
    actor: "operator",
    remedy: enableFlow,
    words: byFlow
  },
  {
    error: "redirect_uri_mismatch",
    class: "operator",
    meaning: "The callback URL is not registered with the app.",
    actor: "operator",
    remedy: `Register the stack's CallbackUrl with the app: ${appSettings} > Callback URL.`
  },
  {
    error: "inactive_user",
    class: "admin",
    meaning: "The user is deactivated.",
    actor: "administrator",
    remedy: "Activate the user (Setup > Users), or connect another user."
  },
  {
    error: "inactive_org",
    class: "admin",
    meaning: "The org is locked, suspended or expired.",
    actor: "administrator",
    remedy: "Reactivate the org with Salesforce."
  },
  {
    error: "rate_limit_exceeded",
    class: "transient",
    meaning: "Too many logins of this user or org in an hour.",
    actor: "nobody",
    remedy: wait,
    words: { jwt_bearer: manyLogins, client_credentials: manyLogins }
  },
  ...["unknown_error", "server_error", "service_unavailable", "system_down"].map(
    (error2) => ({
      error: error2,
      class: "transient",
      meaning: "Salesforce failed.",
      actor: "nobody",
      remedy: wait
    })
  ),
  ...["app_blocked", "fail_close_app_blocked"].map(
    (error2) => ({
      error: error2,
      class: "admin",
      meaning: "The org's administrator, or Salesforce, has blocked the app.",
      actor: "administrator",
      remedy: "Unblock the app: Setup > Connected Apps OAuth Usage."
    })
  ),
  ...["app_not_found", "invalid_distribution_state", "installation_error"].map(
    (error2) => ({
      error: error2,
      class: "admin",
      meaning: "The app is not, or not properly, installed in the org.",
      actor: "administrator",
      remedy: "Install the app in the org again: Setup > External Client App Manager."
    })
  ),
  ...["oauth_flow_disabled", "oauth_policy_not_found", "ecapp_policy_not_found"].map(
    (error2) => ({
      error: error2,
      class: "admin",
      meaning: "The org's policies for the app do not allow this flow.",
      actor: "administrator",
      remedy: `Look at the app's policies in the org: ${appPolicies}.`,
      ...error2 === "oauth_flow_disabled" && { words: byFlow }
    })
  )
];

// functions/core/error-table.ts
var errorTable = [...invalidGrantRows, ...tokenErrorRows], unknownError = {
  error: "(any other)",
  class: "unknown",
  meaning: "Salesforce has not documented this error, and nobody has reported it. The token is kept.",
  actor: "nobody",
  remedy: `${wait} If it lasts, look the code up in Salesforce Help.`
};
function errorRow(error2, description) {
  let wanted = description.trim().toLowerCase(), rows2 = errorTable.filter((row) => row.error === error2);
  return rows2.find((row) => row.description === wanted) ?? rows2.find((row) => row.description === void 0) ?? unknownError;
}
function classify(error2, description, ask3) {
  return classOf(errorRow(error2, description), ask3);
}
function classOf({ class: found }, ask3) {
  let named = typeof found == "string" ? found : found[ask3] ?? found.refresh;
  return named === "dead" && (ask3 === "jwt_bearer" || ask3 === "client_credentials") ? "admin" : named;
}
function errorWords(error2, description, ask3) {
  return wordsOf(errorRow(error2, description), ask3);
}
function wordsOf(row, ask3) {
  let { meaning, actor, remedy } = classOf(row, ask3) === "unknown" ? unknownError : row;
  return { meaning, actor, remedy, ...row.words?.[ask3] };
}
function askOf(flow) {
  return flow === "authorization_code" ? "refresh" : flow;
}

// functions/core/judge-token-answer.ts
var lenientText = z6.catch(z6.optional(z6.string()), void 0), success = z6.object({
  access_token: z6.string().check(z6.minLength(1)),
  refresh_token: lenientText,
  instance_url: lenientText,
  id: lenientText,
  issued_at: lenientText,
  signature: lenientText,
  scope: lenientText
}), refusal = z6.object({ error: z6.string().check(z6.minLength(1)), error_description: lenientText });
function judgeTokenAnswer(answer2, ask3) {
  if (answer2.kind === "no_answer") return { kind: "no_answer", reason: answer2.reason };
  if (answer2.status >= 500) return { kind: "no_answer", reason: `HTTP ${answer2.status}` };
  let body2 = parseJson(answer2.body);
  if (body2 === void 0) return { kind: "no_answer", reason: `HTTP ${answer2.status} without JSON` };
  if (answer2.status === 200) return judgeSuccess(body2);
  let refused3 = refusal.safeParse(body2);
  if (answer2.status < 400 || !refused3.success)
    return { kind: "no_answer", reason: `HTTP ${answer2.status} without an OAuth error` };
  let error2 = shortText(refused3.data.error), description = shortText(refused3.data.error_description ?? "");
  return { kind: "refused", class: answer2.status === 429 ? "transient" : classify(error2, description, ask3), error: error2, description };
}
function judgeSuccess(body2) {
  let parsed2 = success.safeParse(body2);
  if (!parsed2.success) return { kind: "no_answer", reason: "HTTP 200 without an access token" };
  let { access_token, refresh_token, instance_url, id, issued_at, signature, scope } = parsed2.data;
  return {
    kind: "tokens",
    tokens: {
      accessToken: new Secret(access_token),
      ...refresh_token ? { refreshToken: new Secret(refresh_token) } : {},
      instanceUrl: instance_url,
      id,
      issuedAt: issued_at,
      signature,
      scope
    }
  };
}
function authorizedAtOf(tokens, now) {
  return /^\d{12,14}$/.test(tokens.issuedAt ?? "") ? Number(tokens.issuedAt) : now;
}
function issuedAtOf(tokens, now) {
  return Math.min(authorizedAtOf(tokens, now), now);
}
function parseJson(body2) {
  try {
    return JSON.parse(body2.reveal());
  } catch {
    return;
  }
}
function shortText(text4) {
  return text4.replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 200);
}

// functions/core/new-id.ts
function newId(random) {
  return Buffer.from(random.bytes(16)).toString("base64url");
}
function newSecretText(random) {
  return Buffer.from(random.bytes(32)).toString("base64url");
}

// functions/core/routes.ts
var service = (capability, functionName, method, path) => ({ method, path, function: functionName, audience: "service", capability }), browser = (functionName, path) => ({
  method: "GET",
  path,
  function: functionName,
  audience: "browser"
}), callbackPath = "/oauth/callback", routes = [
  service("connect", "connect", "POST", "/connect-sessions"),
  service("connect", "connect", "GET", "/connect-sessions/{id}"),
  service("connect", "connect", "POST", "/connect-sessions/{id}/claim"),
  browser("connect", "/connect/{secret}"),
  browser("callback", callbackPath),
  service("read", "connections", "GET", "/connections"),
  service("connect", "jwt-bearer", "POST", "/connections"),
  service("read", "connections", "GET", "/connections/{id}"),
  service("admin", "connections", "DELETE", "/connections/{id}"),
  service("read", "token", "GET", "/connections/{id}/token"),
  service("read", "token", "POST", "/connections/{id}/token"),
  service("read", "connections", "GET", "/integrations/{tenant}/{integration}"),
  service("admin", "connections", "DELETE", "/integrations/{tenant}/{integration}"),
  service("connect", "connections", "PUT", "/integrations/{tenant}/{integration}/configuration")
], serviceRoutes = routes.filter((route) => route.audience === "service");

// functions/flows/client-credentials.ts
async function clientCredentials(ports, name, app2) {
  if (app2.clientAuthentication === "none") return { client: { clientId: app2.clientId }, secrets: void 0 };
  let secrets = await ports.secrets.of(name);
  return { client: { clientId: app2.clientId, clientSecret: secrets.current }, secrets };
}

// functions/flows/within.ts
async function within(clock, until, work) {
  let stop = new AbortController(), timeUp = clock.wait(Math.max(0, until - clock.now()), stop.signal).then(() => {
    if (!stop.signal.aborted)
      throw new StoreUnavailableError("The store did not answer in the time that was left for it.");
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    stop.abort();
  }
}

// functions/flows/change.ts
var conflictsAtMost = 10, persistPauseMs = 250;
async function change(collection, key, decide, options) {
  let seen = options.seen, written2, tried = !1;
  for (let conflicts = 0; ; )
    try {
      let current = seen ?? await inTime(collection.read(key), options);
      if (seen = void 0, tried && current?.writeId === options.writeId) return { result: written2, item: current };
      let decision = decide(current);
      if (!("write" in decision)) return { result: decision.result, item: current };
      written2 = decision.result, tried = !0;
      let revision = (current?.revision ?? 0) + 1, after = { ...decision.write, revision, writeId: options.writeId }, write3 = current === void 0 ? collection.create(after) : collection.replace(current, after);
      if (await inTime(write3, options) === "written") return { result: decision.result, item: after };
      if (conflicts += 1, conflicts % conflictsAtMost === 0) throw tooManyConflicts();
    } catch (error2) {
      if (!await mayTryAgain(error2, options)) throw error2;
    }
}
function inTime(work, { persist }) {
  return persist === void 0 ? work : within(persist.clock, persist.until, work);
}
function tooManyConflicts() {
  return new StoreUnavailableError(
    `An item was changed by others ${conflictsAtMost} times in a row while we tried to change it; try again later.`
  );
}
async function mayTryAgain(error2, { persist }) {
  return persist === void 0 || !(error2 instanceof StoreUnavailableError) || persist.clock.now() + persistPauseMs >= persist.until ? !1 : (await persist.clock.wait(persistPauseMs), !0);
}

// functions/flows/consume-session.ts
async function consumeSession(ports, session, attemptId, remainingTimeMs) {
  let until = ports.clock.now() + Math.max(0, remainingTimeMs() - 45e3);
  try {
    let { result, item } = await change(
      ports.store.sessions,
      session.id,
      (current) => {
        if (current === void 0 || session.binding === void 0) return { keep: !0, result: !1 };
        let decision = consume(current, attemptId, session.binding, ports.clock.now());
        return decision.kind === "consume" ? { write: decision.after, result: !0 } : { keep: !0, result: decision.kind === "consumed" };
      },
      { writeId: `${attemptId}.consume`, seen: session, persist: { clock: ports.clock, until } }
    );
    return { mine: result, session: item ?? session };
  } catch (error2) {
    throw error2 instanceof StoreUnavailableError && await release(ports, session, attemptId, remainingTimeMs), error2;
  }
}
var answerTimeMs = 3e3;
async function release(ports, session, attemptId, remainingTimeMs) {
  let until = ports.clock.now() + Math.max(0, remainingTimeMs() - answerTimeMs);
  await change(
    ports.store.sessions,
    session.id,
    (current) => {
      let after = current && unconsume(current, attemptId);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${attemptId}.release`, persist: { clock: ports.clock, until } }
  );
}

// functions/flows/fail-session.ts
async function failSession(ports, session, error2, options = {}) {
  let { item } = await change(
    ports.store.sessions,
    session.id,
    (current) => {
      let after = current && fail(current, error2, session.attempt?.id, options.revoke);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.failed`, persist: options.persist }
  );
  return ports.metrics.add("ConnectFailed", 1), ports.log.info("A connect session failed.", { session_id: session.id, error: error2.code }), item ?? session;
}

// functions/core/login-window.ts
function windowAt(window, now) {
  return window === void 0 || now - window.since >= 36e5 ? { since: now, count: 0 } : window;
}
function withLogin(window, now) {
  let open4 = windowAt(window, now);
  return { ...open4, count: open4.count + 1 };
}
function nextLoginAt(window, loginsPerHour, now) {
  let { since, count: count2 } = windowAt(window, now), ofOneHour = Math.max(1, Math.floor(loginsPerHour * 0.9 / 2)), free = Math.ceil(ofOneHour * 0.5);
  return count2 < free ? now : count2 >= ofOneHour ? since + 36e5 : Math.max(now, since + Math.ceil((count2 - free + 1) * 36e5 / (ofOneHour - free + 1)));
}

// functions/core/store-grant.ts
var supersededGraceMs = 15 * 6e4, dutyHeadStartMs = 6e4;
function decideStoreGrant(current, incoming, now, fraction) {
  if (current === void 0)
    return { kind: "store", after: connectionWith(void 0, incoming, {}, now, fraction) };
  if (current.grant?.id === incoming.grant.id || current.duties[revokeDutyId(incoming.grant.id)] !== void 0) return { kind: "stored" };
  if (current.disconnectedAt !== void 0 && incoming.begunAt <= current.disconnectedAt)
    return { kind: "disconnected" };
  if (isOlder(incoming, current)) {
    let owed = {
      ...owedFor(incoming.grant, now + dutyHeadStartMs, "older_authorization", now),
      ...linkOf(incoming, "refused", now)
    };
    return { kind: "older", after: { ...current, duties: { ...current.duties, ...owed } } };
  }
  let superseded = current.grant && owedFor(current.grant, now + supersededGraceMs, "superseded", now);
  return { kind: "store", after: connectionWith(current, incoming, superseded ?? {}, now, fraction) };
}
function owedFor(grant2, dueAt, reason, now) {
  return grant2.refreshToken === void 0 ? {} : { [revokeDutyId(grant2.id)]: revocationOf(grant2, now, dueAt, reason) };
}
function isOlder(incoming, current) {
  return current.grant === void 0 ? !1 : incoming.authorizedAt !== current.authorizedAt ? incoming.authorizedAt < current.authorizedAt : incoming.grant.id < current.grant.id;
}
function connectionWith(current, incoming, superseded, now, fraction) {
  let { connectionId, app: app2, orgId, userId, flow, authorizedAt, begunAt, grant: grant2 } = incoming, kept = repeatsRejected(current?.grant, grant2) ? { ...grant2, rejectedRefreshes: grant2.refreshes } : grant2, after = {
    ...current,
    version: 1,
    revision: current?.revision ?? 0,
    writeId: current?.writeId ?? "",
    id: connectionId,
    app: app2,
    orgId,
    userId,
    flow,
    ...incoming.username === void 0 ? {} : { username: incoming.username },
    status: "active",
    cause: void 0,
    createdAt: current?.createdAt ?? now,
    authorizedAt,
    grant: kept,
    // Beside its own refreshes: the user's hour is one.
    ...flow === "authorization_code" ? {} : { logins: withLogin(current?.logins, begunAt) },
    duties: { ...current?.duties, ...superseded, ...linkOf(incoming, "stored", now) },
    nextRefreshAt: nextRefreshAfterSuccess(grant2, !0, fraction)
  };
  return current === void 0 ? after : withRecovery(current, after, grant2.id, now);
}
function repeatsRejected(before, { accessTokenSha256 }) {
  return before?.rejectedRefreshes === before?.refreshes && before?.accessTokenSha256 === accessTokenSha256;
}
function linkOf({ link: link2, grant: grant2, begunAt, authorizedAt, fingerprint, ledgerId }, outcome2, now) {
  if (link2 === void 0) return {};
  let authorization2 = { id: grant2.id, begunAt, authorizedAt, outcome: outcome2, fingerprint, ledgerId }, owed = { since: now, dueAt: now + dutyHeadStartMs, tries: 0 };
  return { [linkDutyId(link2.sessionId)]: { kind: "link", ...link2, grant: authorization2, ...owed } };
}
function revocationOf(grant2, now, dueAt, reason) {
  let held = grant2.refreshToken === void 0 ? "access" : "refresh";
  return {
    kind: "revoke",
    grantId: grant2.id,
    refreshes: grant2.refreshes,
    token: grant2.refreshToken ?? grant2.accessToken,
    tokenPurpose: held,
    ownKeys: grant2.ownKeys,
    loginUrl: grant2.loginUrl,
    lease: grant2.lease,
    attempts: grant2.attempts,
    reason,
    since: now,
    dueAt: Math.max(dueAt, grant2.lease?.until ?? 0),
    tries: 0
  };
}
function linkDutyId(sessionId) {
  return `link.${sessionId}`;
}

// functions/core/check-code-answer.ts
function checkCodeAnswer(tokens, expected) {
  let identity = tokens.id === void 0 ? void 0 : identityOf(tokens.id, expected.extraOrigin);
  return identity === void 0 ? refused("foreign_identity", "The token response names no identity on a host of Salesforce.", ourRemedy) : tokens.instanceUrl === void 0 || !isSalesforceUrl(tokens.instanceUrl, expected.extraOrigin) ? refused(
    "foreign_instance",
    "The token response names an instance that is no host of Salesforce.",
    ourRemedy
  ) : tokens.refreshToken === void 0 && expected.refreshToken !== !1 ? refused(
    "no_refresh_token",
    "Salesforce issued no refresh token.",
    "Give the external client app the scope refresh_token (Perform requests at any time), then open a new link."
  ) : expected.orgId !== void 0 && expected.orgId !== identity.orgId ? refused(
    "wrong_org",
    `The user logged in to org ${identity.orgId}; expected was ${expected.orgId}.`,
    "Open a new link and log in to the expected org."
  ) : expected.userId !== void 0 && expected.userId !== identity.userId ? refused(
    "wrong_user",
    `User ${identity.userId} logged in; expected was ${expected.userId}.`,
    "Open a new link and log in as the expected user."
  ) : { kind: "accepted", ...identity, instanceUrl: new URL(tokens.instanceUrl).origin };
}
var ourRemedy = "Do not try again before the app's login URL and the network path to Salesforce are checked.";
function refused(code, detail, remedy) {
  return { kind: "refused", error: { code, detail, remedy } };
}
function identityOf(id, extraOrigin) {
  if (!isSalesforceUrl(id, extraOrigin)) return;
  let [, first, orgId, userId, ...rest] = new URL(id).pathname.split("/");
  if (!(first !== "id" || orgId === void 0 || userId === void 0 || rest.length > 0))
    return orgIdPattern.test(orgId) && userIdPattern.test(userId) ? { orgId, userId } : void 0;
}
function checkSignature(tokens, secrets) {
  let { signature, id, issuedAt } = tokens;
  return signature === void 0 ? "absent" : [secrets.current, secrets.pending, secrets.previous].filter((secret) => secret !== void 0).some(
    (secret) => equalInConstantTime(hmacSha256Base64(secret.reveal(), `${id ?? ""}${issuedAt ?? ""}`), signature)
  ) ? "valid" : "invalid";
}
var wrongSignature = {
  code: "wrong_signature",
  detail: "The token response's signature was made with none of the client secrets that we hold.",
  remedy: "Compare the client secret with the one in Salesforce Setup (External Client App Manager), then open a new link."
};

// functions/flows/check-exchange.ts
async function checkExchange(ports, session, tokens, { secrets, app: app2 }) {
  let checked = checkCodeAnswer(tokens, {
    orgId: session.expectedOrgId,
    userId: session.expectedUserId,
    extraOrigin: ports.config.salesforceOrigin,
    refreshToken: app2.purpose === "api"
  });
  if (checked.kind === "refused" || secrets === void 0) return checked;
  let signature = checkSignature(tokens, secrets);
  if (signature === "absent" && ports.log.warn("The token response has no signature.", { app: session.app, session_id: session.id }), signature !== "invalid") return checked;
  let fresh = await ports.secrets.of(session.app, { fresh: !0 }).catch(() => secrets);
  return checkSignature(tokens, fresh) === "invalid" ? { kind: "refused", error: wrongSignature } : checked;
}

// functions/core/revocation.ts
import * as z7 from "zod/mini";
var revocationGivenUp = "revocation_given_up", revocationGivenUpMs = 168 * 36e5;
function isRevoked(answer2) {
  return answer2.kind === "no_answer" ? !1 : answer2.status === 200 ? !0 : answer2.status === 400 && errorOf(answer2.body.reveal()) === "invalid_token";
}
function errorOf(body2) {
  try {
    let parsed2 = z7.object({ error: z7.string() }).safeParse(JSON.parse(body2));
    return parsed2.success ? parsed2.data.error : void 0;
  } catch {
    return new URLSearchParams(body2).get("error") ?? void 0;
  }
}
function mayRevoke(duty2, now) {
  return duty2.lease === void 0 || duty2.lease.until <= now;
}
function isGivenUp(duty2, now) {
  return now - duty2.since > revocationGivenUpMs;
}
function taken(duty2, now, fraction) {
  return { ...duty2, tries: duty2.tries + 1, dueAt: now + 6e4 + backoffMs(duty2.tries, fraction) };
}

// functions/flows/do-duties.ts
async function doDuties(ports, collection, holder, doers, own) {
  let current = holder;
  for (let [id, duty2] of Object.entries(holder.duties))
    (own === void 0 ? duty2.dueAt <= ports.clock.now() : own.includes(id)) && doers[duty2.kind] !== void 0 && (current = await doOne(ports, collection, current, id, doers));
  return current;
}
async function doOne(ports, collection, seen, id, doers) {
  let before = seen.duties[id];
  if (before === void 0) return seen;
  let step = newId(ports.random), { duty: duty2, item } = await take(ports, collection, seen, id, before, step);
  if (item === void 0 || duty2 === void 0) return item ?? seen;
  let outcome2 = await act(doers, item, duty2);
  return outcome2 === "later" ? item : await settle(collection, item, id, duty2, outcome2, step) ?? item;
}
async function take(ports, collection, seen, id, before, step) {
  let fraction = ports.random.fraction(), { result, item } = await change(
    collection,
    seen.id,
    (current) => {
      let open4 = current?.duties[id];
      if (current === void 0 || open4 === void 0 || open4.dueAt !== before.dueAt)
        return { keep: !0, result: void 0 };
      let mine = taken(open4, ports.clock.now(), fraction);
      return { write: { ...current, duties: { ...current.duties, [id]: mine } }, result: mine };
    },
    { writeId: `${step}.take`, seen }
  );
  return { duty: result, item };
}
function act(doers, holder, duty2) {
  let later = Promise.resolve("later");
  switch (duty2.kind) {
    case "link":
      return doers.link?.(holder, duty2) ?? later;
    case "unlink":
      return doers.unlink?.(holder, duty2) ?? later;
    case "revoke":
      return doers.revoke?.(holder, duty2) ?? later;
    case "alert":
      return doers.alert?.(holder, duty2) ?? later;
  }
}
async function settle(collection, seen, id, done, outcome2, step) {
  let { item } = await change(
    collection,
    seen.id,
    (current) => {
      let open4 = current?.duties[id];
      return current === void 0 || open4 === void 0 || !isSameWork(open4, done) ? { keep: !0, result: void 0 } : { write: { ...current, duties: dutiesAfter(current.duties, id, open4, outcome2) }, result: void 0 };
    },
    { writeId: `${step}.done`, seen }
  );
  return item;
}
function dutiesAfter(duties2, id, open4, outcome2) {
  let { [id]: _done, ...others } = duties2;
  return outcome2 === "done" ? others : outcome2.kind === "replaced" ? { ...others, ...outcome2.by } : { ...others, [id]: { ...open4, dueAt: outcome2.until, tries: 0 } };
}
function isSameWork(open4, done) {
  return open4.kind !== "revoke" || done.kind !== "revoke" || open4.token === done.token;
}

// functions/core/ledger.ts
var entriesAtMost = 25;
function outcomeOf(entry, now) {
  return entry.outcome !== void 0 ? entry.outcome : entry.lostAt !== void 0 || isOverdue(entry, now) ? "orphaned" : "exchanging";
}
function isOverdue({ begunAt }, now) {
  return begunAt + 255e3 < now;
}
function isUnderWay(entry, now) {
  return entry.outcome === void 0 && !isOverdue(entry, now);
}
function attemptsIdOf(app2, { tenant, integration }) {
  return `${app2}/${tenant}/${integration}`;
}
function withAttempt(ledger, id, entry) {
  if (!ledger?.entries.some((one) => one.id === entry.id))
    return withEntries(ledger, id, [...ledger?.entries ?? [], entry]);
}
function withLoss(ledger, id, now) {
  let known3 = ledger?.entries.find((one) => one.id === id);
  if (!(ledger === void 0 || known3 === void 0 || known3.lostAt !== void 0))
    return { ...ledger, entries: ledger.entries.map((one) => one === known3 ? { ...one, lostAt: now } : one) };
}
function settled2(ledger, id, settlement) {
  let entries = ledger?.entries ?? [], known3 = entries.find((one) => one.id === settlement.id);
  if (known3 === void 0) return withEntries(ledger, id, [...entries, settlement]);
  let { settledAt } = known3, after = { ...known3, ...withoutUndefined(settlement), ...settledAt === void 0 ? {} : { settledAt } };
  return withEntries(
    ledger,
    id,
    entries.map((one) => one === known3 ? after : one)
  );
}
function withAuthorization(ledger, id, grant2, sessionId, adopted, now) {
  let { begunAt, authorizedAt, fingerprint } = grant2, outcome2 = ledger?.entries.some((one) => one.id === grant2.id && one.outcome === "stored") === !0 ? "stored" : grant2.outcome, reason = outcome2 === "refused" ? grant2.reason ?? "older_authorization" : void 0, known3 = new Set(ledger?.entries.map((one) => one.id)), strangers = adopted.filter((one) => one.id !== grant2.id && !known3.has(one.id)), joined = withEntries(ledger, id, [...ledger?.entries ?? [], ...strangers]), own = { id: grant2.id, sessionId, begunAt, authorizedAt, outcome: outcome2, fingerprint, reason, settledAt: now }, after = settled2(joined, id, own);
  return { ...after, entries: after.entries.map((one) => supersededBy(one, after.entries, now)) };
}
function supersededBy(entry, all, now) {
  return entry.outcome !== "stored" || entry.supersededAt !== void 0 ? entry : all.some((one) => one.outcome === "stored" && isNewer(one, entry)) ? { ...entry, supersededAt: now } : entry;
}
function isNewer(one, other) {
  let [a, b] = [one.authorizedAt ?? one.begunAt, other.authorizedAt ?? other.begunAt];
  return a === b ? one.id > other.id : a > b;
}
function isSettledForGood(entry, now) {
  let outcome2 = outcomeOf(entry, now);
  return outcome2 === "refused" ? entry.revokedAt !== void 0 || entry.givenUpAt !== void 0 : outcome2 === "failed" || outcome2 === "orphaned";
}
function withoutEntries(ledger, ids) {
  let entries = ledger.entries.filter((one) => !ids.has(one.id));
  return entries.length === ledger.entries.length ? void 0 : { ...ledger, entries };
}
function withRevocation(ledger, grantId, end2, now) {
  let known3 = ledger?.entries.find((one) => one.id === grantId);
  if (!(ledger === void 0 || known3 === void 0 || known3[end2] !== void 0))
    return { ...ledger, entries: ledger.entries.map((one) => one === known3 ? { ...one, [end2]: now } : one) };
}
function withComparison(ledger, id, comparison2) {
  return { ...withEntries(ledger, id, ledger?.entries ?? []), comparison: comparison2 };
}
function withEntries(ledger, id, entries) {
  let ordered = [...entries].sort((a, b) => a.begunAt - b.begunAt);
  return { version: 1, revision: 0, writeId: "", ...ledger, id, entries: bounded(ordered) };
}
function bounded(entries) {
  let surplus = entries.length - entriesAtMost;
  if (surplus <= 0) return entries;
  let over = entries.filter(isOver), gone = new Set([...over, ...entries.filter((one) => !isOver(one))].slice(0, surplus));
  return entries.filter((one) => !gone.has(one));
}
function isOver({ outcome: outcome2, revokedAt }) {
  return outcome2 === "failed" || revokedAt !== void 0;
}
function withoutUndefined(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== void 0));
}

// functions/core/budget.ts
var orphanCountsMs = 720 * 36e5;
function budgetOf(connection, ledger, limit, now) {
  let lives = connection?.grant !== void 0 && connection.status !== "reauthorization_required", owed = new Set(Object.values(connection?.duties ?? {}).flatMap((duty2) => refreshTokenOf(duty2)));
  for (let entry of ledger?.entries ?? [])
    isRefusedAndLives(entry) && entry.id !== connection?.grant?.id && owed.add(entry.id);
  return { limit, stored: lives ? 1 : 0, owed: owed.size, orphans: orphansOf(ledger, now) };
}
function underWayOf(ledger, now) {
  return (ledger?.entries ?? []).filter((entry) => outcomeOf(entry, now) === "exchanging").length;
}
function isSpent({ limit, stored, owed, orphans }, underWay2 = 0) {
  return stored + owed + orphans + underWay2 + 1 > limit;
}
function isFilledByOrphans({ limit, stored, orphans }) {
  return stored + orphans + 1 > limit;
}
function refreshTokenOf(duty2) {
  return duty2.kind === "revoke" && duty2.tokenPurpose === "refresh" ? [duty2.grantId] : [];
}
function isRefusedAndLives(entry) {
  let { outcome: outcome2, revokedAt, givenUpAt } = entry;
  return outcome2 === "refused" && revokedAt === void 0 && givenUpAt === void 0 && !isOfAnother(entry);
}
function isOfAnother({ reason }) {
  return reason === "wrong_org" || reason === "wrong_user";
}
function orphansOf(ledger, now) {
  let believed3 = (ledger?.entries ?? []).filter((entry) => isOrphan(entry, now)), { at, listed, held } = ledger?.comparison ?? {};
  if (at === void 0 || listed === void 0 || held === void 0) return believed3.length;
  let since = believed3.filter(({ begunAt, givenUpAt }) => (givenUpAt ?? begunAt + 255e3) > at);
  return now - at > orphanCountsMs ? believed3.length : Math.max(0, listed - held) + since.length;
}
function isOrphan(entry, now) {
  return now - (entry.givenUpAt ?? entry.begunAt) > orphanCountsMs || isOfAnother(entry) ? !1 : entry.givenUpAt !== void 0 || outcomeOf(entry, now) === "orphaned";
}

// functions/flows/keep-within-budget.ts
async function keepWithinBudget(ports, connectionId, limit) {
  let { budget, underWay: underWay2 } = await believed(ports, connectionId, limit);
  if (!isSpent(budget, underWay2) || budget.owed === 0) return budget;
  ports.metrics.add("GrantBudgetSpent", 1), await revokeNow(ports, connectionId);
  try {
    await ports.maintainer.doDutiesOf(connectionId);
  } catch (error2) {
    ports.log.warn("Superseded grants could not be revoked at once.", { connection_id: connectionId, error: error2 });
  }
  return (await believed(ports, connectionId, limit)).budget;
}
async function believed({ store: store2, clock }, connectionId, limit) {
  let [connection, ledger] = await Promise.all([
    store2.connections.read(connectionId),
    store2.ledgers.read(connectionId)
  ]), now = clock.now();
  return { budget: budgetOf(connection, ledger, limit, now), underWay: underWayOf(ledger, now) };
}
async function revokeNow(ports, connectionId) {
  await change(
    ports.store.connections,
    connectionId,
    (current) => {
      let duties2 = current && hastened(current.duties, ports.clock.now());
      return current === void 0 || duties2 === void 0 ? { keep: !0, result: void 0 } : { write: { ...current, duties: duties2 }, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.hasten` }
  );
}
function hastened(duties2, now) {
  let earlier = !1, after = Object.entries(duties2).map(([id, duty2]) => {
    let dueAt = duty2.kind === "revoke" ? Math.max(now, duty2.lease?.until ?? 0) : duty2.dueAt;
    return duty2.kind !== "revoke" || dueAt >= duty2.dueAt ? [id, duty2] : (earlier = !0, [id, { ...duty2, dueAt }]);
  });
  return earlier ? Object.fromEntries(after) : void 0;
}

// functions/flows/learn-session.ts
import * as z8 from "zod/mini";
var introspectionTimeoutMs = 5e3, shortestBelievedMs = 10 * 6e4, longestBelievedMs = 25 * 36e5;
async function learnSession(ports, connection, accessToken, client) {
  let { grant: grant2 } = connection;
  if (!(grant2 === void 0 || grant2.session !== void 0))
    try {
      let known3 = ownExpiry(accessToken, ports.clock.now()) ?? await introspected(ports, grant2, accessToken, client);
      if (known3 === void 0) return;
      let { session, username } = known3;
      username && username !== connection.username && await ports.store.rememberUsername(connection.app, username, connection.id);
      let fraction = ports.random.fraction();
      await change(
        ports.store.connections,
        connection.id,
        (current) => {
          if (!(current?.grant?.id === grant2.id && current.grant.refreshes === grant2.refreshes) || current?.grant === void 0) return { keep: !0, result: void 0 };
          let times = sessionTimes(current.grant.issuedAt, session.lengthMs, current.grant.refreshedAt), learnt = { ...current.grant, ...times, session }, nextRefreshAt = current.grant.failures === 0 && current.grant.lease === void 0 ? nextRefreshAfterSuccess(learnt, !0, fraction) : current.nextRefreshAt;
          return { write: { ...current, grant: learnt, nextRefreshAt, username: username || current.username }, result: void 0 };
        },
        { writeId: `${grant2.madeBy}.session`, seen: connection }
      );
    } catch (error2) {
      ports.log.warn("The session length could not be learnt; the next refresh tries again.", {
        connection_id: connection.id,
        error: error2
      });
    }
}
var jwtClaims = z8.object({ exp: z8.number() });
function ownExpiry(accessToken, now) {
  let [, payload, signature, ...rest] = accessToken.reveal().split(".");
  if (payload === void 0 || signature === void 0 || rest.length > 0) return;
  let claims = jwtClaims.safeParse(parseJson2(Buffer.from(payload, "base64url").toString()));
  if (!claims.success) return;
  let lengthMs = believed2(claims.data.exp * 1e3 - now);
  return lengthMs === void 0 ? void 0 : { session: { lengthMs, source: "jwt" } };
}
var introspection = z8.object({
  active: z8.boolean(),
  exp: z8.optional(z8.number()),
  username: z8.optional(z8.string().check(z8.maxLength(256)))
});
async function introspected(ports, { loginUrl }, accessToken, client) {
  let answer2 = await ports.salesforce.introspect(loginUrl, client, accessToken, introspectionTimeoutMs);
  if (answer2.kind === "no_answer" || answer2.status >= 500) return;
  let parsed2 = introspection.safeParse(parseJson2(answer2.body.reveal())), { active, exp, username } = parsed2.success ? parsed2.data : { active: !1 };
  if (!active || exp === void 0) return { session: { lengthMs: 72e5, source: "assumed" } };
  let lengthMs = believed2(exp * 1e3 - ports.clock.now());
  return lengthMs === void 0 ? void 0 : { session: { lengthMs, source: "introspection" }, username };
}
function believed2(lengthMs) {
  return lengthMs >= shortestBelievedMs && lengthMs <= longestBelievedMs ? lengthMs : void 0;
}
function parseJson2(text4) {
  try {
    return JSON.parse(text4);
  } catch {
    return;
  }
}

// functions/core/disconnect.ts
function decideDisconnect(connection, now, asOf = now) {
  let { grant: grant2 } = connection, owed = grant2 === void 0 ? {} : { [revokeDutyId(grant2.id)]: revocationOf(grant2, now, now, "disconnected") };
  return {
    ...connection,
    status: "disconnected",
    cause: void 0,
    grant: void 0,
    nextRefreshAt: void 0,
    // Never back: another process's clock may be ahead.
    disconnectedAt: Math.max(asOf, connection.disconnectedAt ?? 0),
    duties: { ...withoutAlerts(connection.duties), ...owed }
  };
}
function decideAbandon(connection, now, ownDutyId) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0) return;
  let duties2 = Object.fromEntries(Object.entries(connection.duties).filter(([id]) => id !== ownDutyId));
  if (hasOpenLink(duties2)) return ownDutyId === void 0 ? void 0 : { ...connection, duties: duties2 };
  let owed = { [revokeDutyId(grant2.id)]: revocationOf(grant2, now, now, "disconnected") };
  return {
    ...connection,
    status: "disconnected",
    cause: void 0,
    grant: void 0,
    nextRefreshAt: void 0,
    duties: { ...withoutAlerts(duties2), ...owed }
  };
}
function hasOpenLink(duties2) {
  return Object.values(duties2).some(({ kind }) => kind === "link");
}
function withoutAlerts(duties2) {
  let stays2 = (duty2) => duty2.kind !== "alert" || duty2.cause === revocationGivenUp;
  return Object.fromEntries(Object.entries(duties2).filter(([, duty2]) => stays2(duty2)));
}

// functions/flows/change-by-uses.ts
var triesAtMost = 10;
async function changeByUses({ store: store2 }, connectionId, decide, { limit, writeId }) {
  let tried;
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    let before = await store2.connections.read(connectionId);
    if (before === void 0) return;
    if (tried !== void 0 && before.writeId === writeId) return tried;
    let uses = await store2.usesOf(connectionId, limit), decision = decide(before, uses), { result } = decision;
    if (!("write" in decision)) return { result };
    tried = { result };
    let after = { ...decision.write, revision: before.revision + 1, writeId };
    if (await store2.connections.replace(before, after) === "written") return { result };
  }
  throw new StoreUnavailableError(
    `Connection ${connectionId} was changed by others ${triesAtMost} times in a row while we tried to change it; try again later.`
  );
}

// functions/flows/abandon-connection.ts
async function abandonIfUnused(ports, connectionId, ownDutyId) {
  let changed = await changeByUses(
    ports,
    connectionId,
    (current, uses) => {
      if (uses.length > 0 || current.grant === void 0) return { keep: !0, result: "kept" };
      let after = decideAbandon(current, ports.clock.now(), ownDutyId);
      return after === void 0 ? { keep: !0, result: "to_be_linked" } : { write: after, result: after.grant === void 0 ? "abandoned" : "to_be_linked" };
    },
    { limit: 1, writeId: `${newId(ports.random)}.abandon` }
  );
  return changed?.result === "abandoned" && (ports.log.info("A connection that no integration uses was given up.", { connection_id: connectionId }), ports.metrics.add("Abandoned", 1)), changed?.result ?? "kept";
}

// functions/core/link.ts
function decideLink(current, link2) {
  if (current !== void 0 && (current.linkedBy === link2.by || current.linkedAt > link2.at) || current !== void 0 && isWithheld(current, link2)) return;
  let configuration = link2.configuration ?? current?.configuration;
  return {
    ...current,
    version: 1,
    revision: current?.revision ?? 0,
    writeId: current?.writeId ?? "",
    tenant: link2.tenant,
    integration: link2.integration,
    connectionId: link2.connectionId,
    formerConnectionId: current === void 0 || current.connectionId === link2.connectionId ? current?.formerConnectionId : current.connectionId,
    configuration,
    configurationVersion: (current?.configurationVersion ?? 0) + 1,
    status: "linked",
    reason: void 0,
    configuredAt: void 0,
    linkedAt: link2.at,
    linkedBy: link2.by
  };
}
function isWithheld({ status, connectionId }, { takesFrom }) {
  return takesFrom === void 0 || status === "unlinked" ? !1 : !takesFrom.includes(parseConnectionId(connectionId)?.app ?? "");
}
function decideReconfigure(current, configuration) {
  return {
    ...current,
    configuration: configuration ?? current.configuration,
    configurationVersion: current.configurationVersion + 1,
    status: "linked",
    reason: void 0,
    configuredAt: void 0
  };
}
function decideUnlink(current, connectionId, at) {
  let { status, linkedAt } = current;
  if (!(current.connectionId !== connectionId || linkedAt > at) && !(status === "unlinked" && linkedAt === at))
    return { ...current, status: "unlinked", configuration: void 0, reason: void 0, linkedAt: at };
}
function decideConfigured(current, version, outcome2, now) {
  if (!mayConfigure(current, version)) return;
  let reason = outcome2.status === "configuration_failed" ? outcome2.reason.slice(0, 500) : void 0;
  return { ...current, status: outcome2.status, reason, configuredAt: now };
}
function mayConfigure({ configurationVersion, status }, version) {
  return configurationVersion === version && (status === "linked" || status === "configuration_failed");
}

// functions/flows/link-integration.ts
async function linkIntegration(ports, link2) {
  let { tenant, integration, connectionId } = link2, key = { tenant, integration };
  await ports.store.addUse(connectionId, key);
  let before = await ports.store.integrations.read(key);
  before !== void 0 && before.linkedBy !== link2.by && await finishMove(ports, before, connectionId);
  let { item } = await change(
    ports.store.integrations,
    key,
    (current) => {
      let after = decideLink(current, link2);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${link2.by}.link`, seen: before }
  );
  if (item === void 0) return "outdated";
  let { now, left } = await settleUses(ports, key, [connectionId, item.formerConnectionId]);
  return item.status === "linked" && await ports.configurationQueue.send({ version: 1, ...key, configurationVersion: item.configurationVersion }), await leaveOthers(ports, left, connectionId, item), now === connectionId ? "linked" : "outdated";
}
async function finishMove(ports, before, connectionId) {
  let { tenant, integration, formerConnectionId: former } = before;
  if (former === void 0 || former === before.connectionId || former === connectionId) return;
  let { left } = await settleUses(ports, { tenant, integration }, [former]);
  left.includes(former) && await leave(ports, former, before);
}
async function leaveOthers(ports, left, connectionId, integration) {
  for (let id of left) id !== connectionId && await leave(ports, id, integration);
}
async function leave(ports, former, { tenant, integration, linkedBy, linkedAt }) {
  if (await abandonIfUnused(ports, former) !== "to_be_linked") return;
  let dueAt = ports.clock.now() + dutyHeadStartMs, duty2 = { kind: "unlink", tenant, integration, since: linkedAt - 1, dueAt, tries: 0 };
  await change(
    ports.store.connections,
    former,
    (current) => current?.grant === void 0 ? { keep: !0, result: void 0 } : { write: { ...current, duties: { ...current.duties, [`unlink.${linkedBy}`]: duty2 } }, result: void 0 },
    { writeId: `${newId(ports.random)}.leave` }
  );
}
var settleRoundsAtMost = 10;
async function settleUses(ports, key, touched) {
  let ids = new Set(touched.filter((id) => id !== void 0)), current = await usedBy(ports, key);
  for (let rounds = 0; rounds < settleRoundsAtMost; rounds += 1) {
    current !== void 0 && ids.add(current);
    for (let id of ids) await (id === current ? ports.store.addUse(id, key) : ports.store.removeUse(id, key));
    let now = await usedBy(ports, key);
    if (now === current) return { now, left: [...ids].filter((id) => id !== now) };
    current = now;
  }
  throw new StoreUnavailableError(
    `The integration ${key.tenant}/${key.integration} was moved ${settleRoundsAtMost} times while its use was recorded; try again.`
  );
}
async function usedBy({ store: store2 }, key) {
  let integration = await store2.integrations.read(key);
  return integration?.status === "unlinked" ? void 0 : integration?.connectionId;
}

// functions/flows/record-grant.ts
async function recordAttempt(ports, session, attemptId, persist) {
  let entry = { id: attemptId, sessionId: session.id, begunAt: ports.clock.now() };
  await write(ports, ledgerIdOf(session), "attempt", (ledger, id) => withAttempt(ledger, id, entry), persist);
}
async function recordEnd(ports, session, attemptId, end2) {
  let begunAt = session.attempt?.begunAt ?? ports.clock.now(), settlement = { id: attemptId, sessionId: session.id, begunAt, settledAt: ports.clock.now(), ...end2 };
  await write(ports, ledgerIdOf(session), "end", (ledger, id) => settled2(ledger, id, settlement));
}
async function recordLoss(ports, session, attemptId) {
  await write(ports, ledgerIdOf(session), "lost", (ledger) => withLoss(ledger, attemptId, ports.clock.now()));
}
async function recordAuthorization(ports, connection, duty2) {
  let { grant: grant2, sessionId } = duty2;
  if (grant2 === void 0) return;
  let attemptsId = attemptsIdOf(connection.app, duty2), strangers = await settledAttempts(ports, attemptsId);
  await write(
    ports,
    connection.id,
    "stored",
    (ledger, id) => withAuthorization(ledger, id, grant2, sessionId, strangers, ports.clock.now())
  ), await takeOut(ports, attemptsId, [grant2.id, ...strangers.map(({ id }) => id)]);
  let { ledgerId = attemptsId } = grant2;
  ledgerId !== attemptsId && ledgerId !== connection.id && await takeOut(ports, ledgerId, [grant2.id]);
}
async function takeOut(ports, ledgerId, ids) {
  let gone = new Set(ids);
  await write(ports, ledgerId, "moved", (ledger) => ledger && withoutEntries(ledger, gone));
}
async function recordRevocation(ports, connectionId, grantId, end2) {
  await write(ports, connectionId, end2, (ledger) => withRevocation(ledger, grantId, end2, ports.clock.now()));
}
async function settledAttempts(ports, attemptsId) {
  let ledger = await ports.store.ledgers.read(attemptsId), now = ports.clock.now();
  return (ledger?.entries ?? []).filter((entry) => isSettledForGood(entry, now));
}
function ledgerIdOf(session) {
  return session.ledgerId ?? attemptsIdOf(session.app, session);
}
async function write(ports, id, step, after, persist) {
  await change(
    ports.store.ledgers,
    id,
    (current) => {
      let next2 = after(current, id);
      return next2 === void 0 ? { keep: !0, result: void 0 } : { write: next2, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.${step}`, persist }
  );
}

// functions/flows/link-duty.ts
function linkDoer(ports) {
  return async (connection, duty2) => {
    await recordAuthorization(ports, connection, duty2);
    let { standing, session } = await standingOf(ports, connection, duty2);
    return standing.kind === "wait" ? standing : standing.kind === "unclaimed" ? (await abandonIfUnused(ports, connection.id, linkDutyId(duty2.sessionId)), ports.metrics.add("Unclaimed", 1), "done") : (await link(ports, connection, duty2, session) === "outdated" && await abandonIfUnused(ports, connection.id, linkDutyId(duty2.sessionId)), "done");
  };
}
async function standingOf(ports, connection, { sessionId, claim: claim3 }) {
  if (claim3 !== !0) return { standing: { kind: "free" }, session: await ports.store.sessions.read(sessionId) };
  let { result, item } = await change(
    ports.store.sessions,
    sessionId,
    (current) => awaitClaim(current, connection.id, ports.clock.now()),
    { writeId: `${newId(ports.random)}.standing` }
  );
  return { standing: result, session: item };
}
async function link(ports, connection, { tenant, integration, sessionId, since, configuration, takesFrom, grant: grant2 }, session) {
  let linked = await linkIntegration(ports, {
    tenant,
    integration,
    connectionId: connection.id,
    configuration: configuration ?? session?.configuration,
    takesFrom,
    by: sessionId,
    // As for tokens, the newer authorization counts, and not the one that was stored later.
    at: grant2?.begunAt ?? since
  });
  return session === void 0 || await change(
    ports.store.sessions,
    sessionId,
    (current) => {
      let after = current && (linked === "linked" ? connect(current, connection.id) : overtake(current));
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.${linked}` }
  ), linked;
}

// functions/flows/revoke-duty.ts
var timeoutMs3 = 1e4;
function connectionRevokeDoer(ports, vault) {
  return async (connection, duty2) => {
    if (connection.grant?.id === duty2.grantId || await isHeldAgain(vault, connection, duty2)) return "done";
    if (duty2.attempts.length > 0 && await isInLifeboat(ports, connection.id, duty2.grantId)) return "later";
    let outcome2 = await revoke(ports, vault, duty2, connection.id, connection.orgId), end2 = endOf(outcome2);
    return end2 !== void 0 && (await enterFirst(ports, connection, duty2.grantId), await recordRevocation(ports, connection.id, duty2.grantId, end2)), outcome2;
  };
}
async function enterFirst(ports, connection, grantId) {
  for (let duty2 of Object.values(connection.duties))
    duty2.kind === "link" && duty2.grant?.id === grantId && await recordAuthorization(ports, connection, duty2);
}
function sessionRevokeDoer(ports, vault) {
  return async (session, duty2) => {
    let outcome2 = await revoke(ports, vault, duty2, sealedFor(session.id), void 0), end2 = endOf(outcome2);
    if (end2 !== void 0 && duty2.reason !== "signed_in") {
      let reason = session.error?.code;
      await recordEnd(ports, session, duty2.grantId, { outcome: "refused", reason, [end2]: ports.clock.now() });
    }
    return outcome2;
  };
}
async function isHeldAgain(vault, { id, orgId, grant: grant2 }, duty2) {
  if (grant2 === void 0 || duty2.tokenPurpose !== "access") return !1;
  let context = { connectionId: id, grantId: duty2.grantId, purpose: duty2.tokenPurpose }, token = await vault.open(duty2.token, duty2.ownKeys, orgId, context);
  return grant2.accessTokenSha256 === sha256Hex(token.reveal());
}
function endOf(outcome2) {
  return outcome2 === "done" ? "revokedAt" : typeof outcome2 == "object" && outcome2.kind === "replaced" ? "givenUpAt" : void 0;
}
async function isInLifeboat({ lifeboat }, connectionId, grantId) {
  return (await lifeboat.ofConnection(connectionId)).some((entry) => entry.kind === "refresh" && entry.attempt.generation.grantId === grantId);
}
function sealedFor(sessionId) {
  return `session.${sessionId}`;
}
async function revoke(ports, vault, duty2, sealedUnder, orgId) {
  let now = ports.clock.now();
  if (!mayRevoke(duty2, now)) return "later";
  if (isGivenUp(duty2, now)) return givenUp(ports, duty2, now);
  let context = { connectionId: sealedUnder, grantId: duty2.grantId, purpose: duty2.tokenPurpose }, token = await vault.open(duty2.token, duty2.ownKeys, orgId, context), revoked = isRevoked(await ports.salesforce.revoke(duty2.loginUrl, token, timeoutMs3));
  return ports.log.info(revoked ? "A grant was revoked." : "A revocation failed; it is tried again.", {
    grant_id: duty2.grantId,
    reason: duty2.reason
  }), ports.metrics.add(revoked ? "Revoked" : "RevocationFailed", 1), revoked ? "done" : "later";
}
function givenUp(ports, { grantId, loginUrl }, now) {
  ports.log.error("A revocation was given up after seven days; end the session in Salesforce Setup.", {
    grant_id: grantId,
    login_url: loginUrl
  }), ports.metrics.add("RevocationGivenUp", 1);
  let alertId = `${grantId}.given-up`, alert = { kind: "alert", alertId, type: "admin_action_required", cause: revocationGivenUp };
  return { kind: "replaced", by: { [alertDutyId(alertId)]: { ...alert, since: now, dueAt: now, tries: 0 } } };
}

// functions/flows/time-left.ts
function storeTime(clock, leaseUntil, remainingTimeMs) {
  let now = clock.now();
  return { clock, until: Math.min(leaseUntil, now + Math.max(0, remainingTimeMs() - 9e3)) };
}

// functions/flows/refuse-grant.ts
async function refuseGrant(ports, vault, session, tokens, exchange2, error2, remainingTimeMs) {
  let now = ports.clock.now(), grant2 = await sealedGrant(ports, vault, session, tokens, exchange2, sealedFor(session.id), ""), duty2 = revocationOf(grant2, now, now + 75e3, exchange2.app.purpose === "sign_in" ? "signed_in" : "refused"), persist = storeTime(ports.clock, (session.attempt?.begunAt ?? now) + 75e3, remainingTimeMs);
  try {
    let failed3 = await failSession(ports, session, error2, { revoke: duty2, persist });
    return await revokeAtOnce(ports, vault, failed3, duty2);
  } catch (failure) {
    if (!(failure instanceof StoreUnavailableError)) throw failure;
    return await saveDuty(ports, session, duty2, error2), session;
  }
}
async function revokeAtOnce(ports, vault, holder, duty2) {
  try {
    duty2.reason === "refused" && await recordEnd(ports, holder, duty2.grantId, { outcome: "refused", reason: holder.error?.code });
    let doers = { revoke: sessionRevokeDoer(ports, vault) };
    return await doDuties(ports, ports.store.sessions, holder, doers, [revokeDutyId(duty2.grantId)]);
  } catch (failure) {
    return ports.log.warn("A grant that is not kept is still to be revoked.", { session_id: holder.id, error: failure }), holder;
  }
}
async function saveDuty(ports, session, duty2, error2) {
  let key = { connectionId: sealedFor(session.id), attemptId: duty2.grantId, sessionId: session.id };
  await ports.lifeboat.put({ version: 1, kind: "duty", ...key, error: error2, duty: duty2, at: ports.clock.now() }), ports.metrics.add("SavedInLifeboat", 1);
}
async function sealedGrant(ports, vault, session, tokens, { keys, app: app2, attemptId }, connectionId, instanceUrl) {
  let context = { connectionId, grantId: attemptId }, now = ports.clock.now(), issuedAt = issuedAtOf(tokens, now), [accessToken, refreshToken] = await Promise.all([
    vault.seal(tokens.accessToken, keys.access, { ...context, purpose: "access" }),
    tokens.refreshToken && vault.seal(tokens.refreshToken, keys.refresh, { ...context, purpose: "refresh" })
  ]);
  return {
    id: attemptId,
    refreshes: 0,
    madeBy: attemptId,
    accessToken,
    accessTokenSha256: sha256Hex(tokens.accessToken.reveal()),
    refreshToken,
    ownKeys: keys.wrapped,
    issuedAt,
    refreshedAt: now,
    ...sessionTimes(issuedAt, 72e5, now),
    scopes: tokens.scope?.split(" ").filter(Boolean) ?? app2.scopes,
    instanceUrl,
    loginUrl: session.loginUrl,
    attempts: [],
    failures: 0
  };
}

// functions/flows/store-grant.ts
async function storeGrant(ports, incoming, persist) {
  let fraction = ports.random.fraction(), { result, item } = await change(
    ports.store.connections,
    incoming.connectionId,
    (current) => {
      let decision = decideStoreGrant(current, incoming, ports.clock.now(), fraction);
      switch (decision.kind) {
        case "store":
        case "older":
          return { write: decision.after, result: "stored" };
        case "stored":
          return { keep: !0, result: "stored" };
        case "disconnected":
          return { keep: !0, result: "disconnected" };
      }
    },
    { writeId: `${incoming.grant.id}.store`, persist }
  );
  return { result, connection: item };
}

// functions/flows/keep-grant.ts
async function keepGrant(ports, vault, session, tokens, exchange2, remainingTimeMs) {
  let checked = await checkExchange(ports, session, tokens, exchange2);
  if (checked.kind === "refused")
    return refuseGrant(ports, vault, session, tokens, exchange2, checked.error, remainingTimeMs);
  let { orgId, userId } = checked, now = ports.clock.now(), connectionId = connectionIdOf({ app: session.app, orgId, userId }), grant2 = await sealedGrant(ports, vault, session, tokens, exchange2, connectionId, checked.instanceUrl), incoming = {
    connectionId,
    app: session.app,
    orgId,
    userId,
    flow: exchange2.app.flow,
    authorizedAt: authorizedAtOf(tokens, now),
    begunAt: session.attempt?.begunAt ?? now,
    grant: grant2,
    link: { sessionId: session.id, ...linkOf2(session) },
    fingerprint: tokens.refreshToken && fingerprintOf(tokens.refreshToken),
    ledgerId: session.ledgerId
  }, { result, connection } = await store(ports, incoming, remainingTimeMs);
  return result === "disconnected" ? refuseGrant(ports, vault, session, tokens, exchange2, disconnectedMeanwhile, remainingTimeMs) : result === "saved" ? session : (ports.metrics.add("Connected", 1), await settleDuties(ports, vault, connection, session, tokens, exchange2, remainingTimeMs), await ports.store.sessions.read(session.id) ?? session);
}
function linkOf2({ tenant, integration, claim: claim3, takesFrom }) {
  return { tenant, integration, claim: claim3, ...takesFrom === void 0 ? {} : { takesFrom } };
}
async function store(ports, incoming, remainingTimeMs) {
  let persist = storeTime(ports.clock, incoming.begunAt + 75e3, remainingTimeMs);
  try {
    return await storeGrant(ports, incoming, persist);
  } catch (error2) {
    if (!(error2 instanceof StoreUnavailableError)) throw error2;
    let { connectionId, grant: grant2 } = incoming, entry = { connectionId, attemptId: grant2.id, authorization: incoming, at: ports.clock.now() };
    return await ports.lifeboat.put({ version: 1, kind: "code", ...entry }), ports.log.error("The store refused the tokens of a callback; they lie in the lifeboat.", {
      connection_id: connectionId
    }), ports.metrics.add("SavedInLifeboat", 1), { result: "saved", connection: void 0 };
  }
}
var budgetTimeNeededMs = 25e3;
async function settleDuties(ports, vault, connection, session, tokens, exchange2, remainingTimeMs) {
  if (connection !== void 0)
    try {
      let own = [linkDutyId(session.id), revokeDutyId(exchange2.attemptId)], doers = { link: linkDoer(ports), revoke: connectionRevokeDoer(ports, vault) }, kept = await doDuties(ports, ports.store.connections, connection, doers, own);
      if (kept.grant?.id !== exchange2.attemptId || (await learnSession(ports, kept, tokens.accessToken, exchange2.client), remainingTimeMs() < budgetTimeNeededMs)) return;
      await keepWithinBudget(ports, connection.id, exchange2.app.grantLimit);
    } catch (error2) {
      ports.log.error("The tokens are stored; what follows is left to maintain.", {
        connection_id: connection.id,
        error: error2
      });
    }
}

// functions/flows/sign-in.ts
import * as z9 from "zod/mini";
var identityTimeoutMs = 5e3;
async function signIn(ports, vault, session, tokens, exchange2, remainingTimeMs) {
  let checked = await checkExchange(ports, session, tokens, exchange2);
  if (checked.kind === "refused")
    return refuseGrant(ports, vault, session, tokens, exchange2, checked.error, remainingTimeMs);
  let { orgId, userId, instanceUrl } = checked, now = ports.clock.now(), grant2 = await sealedGrant(ports, vault, session, tokens, exchange2, sealedFor(session.id), instanceUrl), duty2 = revocationOf(grant2, now, now + 75e3, "signed_in"), known3 = await keepIdentity(ports, session, { orgId, userId }, duty2, remainingTimeMs);
  if (known3 === void 0) return session;
  let answer2 = await ports.salesforceApi.identity(
    instanceUrl,
    { orgId, userId },
    tokens.accessToken,
    identityTimeoutMs
  ), named = await nameIdentity(ports, known3, detailsOf(answer2, { orgId, userId }));
  return ports.metrics.add("SignedIn", 1), revokeAtOnce(ports, vault, named, duty2);
}
async function keepIdentity(ports, session, identity, duty2, remainingTimeMs) {
  let until = (session.attempt?.begunAt ?? ports.clock.now()) + 75e3;
  try {
    let { item } = await change(
      ports.store.sessions,
      session.id,
      (current) => {
        let after = current && signedIn(current, identity, duty2, ports.clock.now());
        return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
      },
      { writeId: `${duty2.grantId}.signed-in`, seen: session, persist: storeTime(ports.clock, until, remainingTimeMs) }
    );
    return item;
  } catch (error2) {
    if (!(error2 instanceof StoreUnavailableError)) throw error2;
    await saveDuty(ports, session, duty2, lostResponse);
    return;
  }
}
async function nameIdentity(ports, session, details) {
  if (Object.keys(details).length === 0) return session;
  try {
    let { item } = await change(
      ports.store.sessions,
      session.id,
      (current) => current?.identity === void 0 ? { keep: !0, result: void 0 } : { write: { ...current, identity: { ...current.identity, ...details } }, result: void 0 },
      { writeId: `${newId(ports.random)}.named`, seen: session }
    );
    return item ?? session;
  } catch (error2) {
    return ports.log.warn("The names of a signed-in user could not be kept.", { session_id: session.id, error: error2 }), session;
  }
}
var text2 = z9.catch(z9.optional(z9.string().check(z9.maxLength(256))), void 0), identityAnswer = z9.object({
  user_id: z9.string(),
  organization_id: z9.string(),
  username: text2,
  display_name: text2,
  email: text2
});
function detailsOf(answer2, { orgId, userId }) {
  if (answer2.kind === "no_answer" || answer2.status !== 200) return {};
  let parsed2 = identityAnswer.safeParse(jsonOf2(answer2.body.reveal()));
  if (!parsed2.success || parsed2.data.user_id !== userId || parsed2.data.organization_id !== orgId) return {};
  let { username, display_name: displayName, email } = parsed2.data;
  return {
    ...username === void 0 ? {} : { username },
    ...displayName === void 0 ? {} : { displayName },
    ...email === void 0 ? {} : { email }
  };
}
function jsonOf2(body2) {
  try {
    return JSON.parse(body2);
  } catch {
    return;
  }
}

// functions/flows/vault.ts
var ownKeyId = "own", cacheMs = 5 * 6e4, cachedAtMost = 1e3;
function createVault(ports) {
  let cached = keyCache(ports);
  async function unwrapped(id, wrapped, context) {
    return { id, bytes: await ports.keys.unwrapDataKey(wrapped, context) };
  }
  async function storedOrgKey(orgId, purpose) {
    let stored = await ports.store.readDataKey(orgId, purpose);
    return stored && unwrapped(stored.id, stored.wrapped, { purpose, scope: orgId });
  }
  async function madeOrgKey(orgId, purpose) {
    let context = { purpose, scope: orgId }, made2 = await ports.keys.generateDataKey(context), offered = { orgId, purpose, id: newId(ports.random), wrapped: made2.wrapped }, stored = await ports.store.putDataKeyIfAbsent(offered);
    return stored.id === offered.id ? { id: stored.id, bytes: made2.plaintext } : unwrapped(stored.id, stored.wrapped, context);
  }
  return {
    async ownKeys(sessionId) {
      let [access, refresh] = await Promise.all([
        ports.keys.generateDataKey({ purpose: "access", scope: sessionId }),
        ports.keys.generateDataKey({ purpose: "refresh", scope: sessionId })
      ]), keys = {
        access: { id: ownKeyId, bytes: access.plaintext },
        refresh: { id: ownKeyId, bytes: refresh.plaintext }
      };
      return await cached(`own.${sessionId}.access`, () => Promise.resolve(keys.access)), await cached(`own.${sessionId}.refresh`, () => Promise.resolve(keys.refresh)), {
        ...keys,
        wrapped: { session: sessionId, access: access.wrapped, refresh: refresh.wrapped }
      };
    },
    orgKey: (orgId, purpose) => cached(
      `org.${orgId}.${purpose}`,
      async () => await storedOrgKey(orgId, purpose) ?? await madeOrgKey(orgId, purpose)
    ),
    seal: (token, key, context) => ports.sealer.seal(token, key.bytes, key.id, context),
    async open(sealed2, ownKeys, orgId, context) {
      let { purpose } = context, key = ownKeys !== void 0 ? await cached(
        `own.${ownKeys.session}.${purpose}`,
        () => unwrapped(ownKeyId, ownKeys[purpose], { purpose, scope: ownKeys.session })
      ) : await cached(`org.${orgId}.${purpose}`, async () => {
        let stored = orgId === void 0 ? void 0 : await storedOrgKey(orgId, purpose);
        if (stored === void 0) throw new SealError(`There is no data key of org ${orgId} for ${purpose}.`);
        return stored;
      });
      return ports.sealer.open(sealed2, key.bytes, context);
    }
  };
}
function openAccessToken(vault, connectionId, orgId, grant2) {
  return vault.open(grant2.accessToken, grant2.ownKeys, orgId, {
    connectionId,
    grantId: grant2.id,
    purpose: "access"
  });
}
function keyCache({ clock }) {
  let entries = /* @__PURE__ */ new Map();
  return (name, load) => {
    let entry = entries.get(name);
    if (entry !== void 0 && entry.until > clock.now()) return entry.key;
    let key = load();
    entries.delete(name), entries.set(name, { key, until: clock.now() + cacheMs }), key.catch(() => entries.delete(name));
    let [oldest] = entries.keys();
    return entries.size > cachedAtMost && oldest !== void 0 && entries.delete(oldest), key;
  };
}

// functions/flows/finish-connect.ts
function createFinishConnect(ports) {
  let vault = createVault(ports);
  async function finish(parameters, cookies, remainingTimeMs) {
    let sessionId = sessionIdOfState(parameters.state), session = sessionId === void 0 ? void 0 : await ports.store.sessions.read(sessionId);
    if (session === void 0) return { kind: "unknown_state" };
    let cookie = cookies[cookieName(session.id)];
    if (!isBoundBrowser(session, cookie)) return { kind: "foreign_browser" };
    if (!isStateOf(session, parameters.state)) return { kind: "outdated_state" };
    if (sessionStatus(session, ports.clock.now()) !== "pending") return { kind: "outcome", session };
    if (parameters.error !== void 0) return ended(ports, session, authorizationError(parameters.error));
    if (parameters.code === void 0) return { kind: "missing_code" };
    let prepared = await prepare(ports, vault, session, cookie, remainingTimeMs);
    if ("remedy" in prepared) return ended(ports, session, prepared);
    let consumed = await consumeSession(ports, session, prepared.attemptId, remainingTimeMs);
    return consumed.mine ? exchange(ports, vault, consumed.session, parameters.code, prepared, remainingTimeMs) : overtaken2(consumed.session, ports.clock.now());
  }
  return async (parameters, cookies, remainingTimeMs) => withClaim(await finish(parameters, cookies, remainingTimeMs), cookies, ports.clock.now());
}
function overtaken2(session, now) {
  return sessionStatus(session, now) === "pending" ? { kind: "outdated_state" } : { kind: "outcome", session };
}
function withClaim(outcome2, cookies, now) {
  if (outcome2.kind !== "outcome") return outcome2;
  let { session } = outcome2, cookie = cookies[cookieName(session.id)];
  return sessionStatus(session, now) !== "authorized" || !needsClaim(session) || session.binding === void 0 || !isBoundBrowser(session, cookie) ? outcome2 : { ...outcome2, claim: claimOf(session.binding, cookie) };
}
async function prepare(ports, vault, session, cookie, remainingTimeMs) {
  let app2 = ports.config.apps[session.app];
  if (app2 === void 0 || session.binding === void 0)
    return misconfigured(`The configuration has no app ${session.app} any more.`);
  try {
    let [{ client, secrets }, keys] = await Promise.all([
      clientCredentials(ports, session.app, app2),
      vault.ownKeys(session.id)
    ]);
    if (remainingTimeMs() < 45e3) return tooLate;
    let codeVerifier = codeVerifierOf(session.binding, cookie);
    return { attemptId: newId(ports.random), app: app2, client, secrets, keys, codeVerifier };
  } catch (error2) {
    if (!(error2 instanceof AppMisconfiguredError)) throw error2;
    return ports.log.error("The app cannot exchange codes.", { app: session.app, session_id: session.id, error: error2 }), misconfigured(`The app ${session.app} has no usable client secret.`);
  }
}
var tooLate = {
  code: "too_late",
  detail: "Too little time was left to exchange the code safely; nothing was sent.",
  remedy: "Open a new link."
};
function misconfigured(detail) {
  return {
    code: "app_misconfigured",
    detail,
    remedy: "Nothing was spent at Salesforce. The operator of this service must complete its set-up; then open a new link."
  };
}
async function exchange(ports, vault, session, code, prepared, remainingTimeMs) {
  if (prepared.app.purpose === "api" && await enterAttempt(ports, session, prepared.attemptId, remainingTimeMs), (session.attempt?.begunAt ?? 0) + 75e3 - ports.clock.now() < 6e4 || remainingTimeMs() < 45e3)
    return madeNoGrant(ports, session, prepared, tooLate);
  let redirectUri = `${ports.publicUrl}${callbackPath}`, { codeVerifier, client } = prepared, answer2 = await ports.salesforce.exchangeCode(
    session.loginUrl,
    client,
    { code, redirectUri, codeVerifier },
    4e4
  ), judged = judgeTokenAnswer(answer2, "code");
  switch (judged.kind) {
    case "tokens":
      return {
        kind: "outcome",
        session: await (prepared.app.purpose === "sign_in" ? signIn : keepGrant)(ports, vault, session, judged.tokens, prepared, remainingTimeMs)
      };
    case "refused":
      return ports.log.warn("Salesforce refused a code.", { session_id: session.id, error: judged.error }), madeNoGrant(ports, session, prepared, exchangeError(judged.error, judged.description, judged.class));
    case "no_answer":
      return ports.log.warn("Salesforce did not answer a code exchange.", { session_id: session.id, reason: judged.reason }), lost(ports, session, prepared);
  }
}
async function lost(ports, session, { attemptId, app: app2 }) {
  return app2.purpose === "api" && await noted(ports, session, recordLoss(ports, session, attemptId)), ended(ports, session, lostResponse);
}
async function noted(ports, session, work) {
  try {
    await work;
  } catch (error2) {
    ports.log.warn("The end of an attempt could not be noted.", { session_id: session.id, error: error2 });
  }
}
function exchangeError(error2, description, failureClass) {
  let detail = `Salesforce refused the code: ${error2}: ${description}.`;
  return failureClass === "dead" ? { code: "expired_code", detail, remedy: "Open a new link and authorize again." } : failureClass === "bug" ? { code: "exchange_refused", detail, remedy: "Open a new link, and finish it in the window where it began." } : {
    code: error2 === "invalid_client" || error2 === "invalid_client_id" ? "app_misconfigured" : "exchange_refused",
    detail,
    remedy: "Ask the operator of this service to compare the app's settings with Salesforce Setup; then open a new link."
  };
}
async function enterAttempt(ports, session, attemptId, remainingTimeMs) {
  let until = ports.clock.now() + Math.max(0, remainingTimeMs() - 45e3);
  try {
    await recordAttempt(ports, session, attemptId, { clock: ports.clock, until });
  } catch (error2) {
    throw error2 instanceof StoreUnavailableError && await release(ports, session, attemptId, remainingTimeMs), error2;
  }
}
async function madeNoGrant(ports, session, { attemptId, app: app2 }, error2) {
  let end2 = { outcome: "failed", reason: error2.code };
  return app2.purpose === "api" && await noted(ports, session, recordEnd(ports, session, attemptId, end2)), ended(ports, session, error2);
}
async function ended(ports, session, error2) {
  return { kind: "outcome", session: await failSession(ports, session, error2) };
}

// functions/runtime/http.ts
import middy from "@middy/core";
import httpHeaderNormalizer from "@middy/http-header-normalizer";
import httpRouterHandler from "@middy/http-router";

// functions/core/problem.ts
var problems = {
  invalid_request: { status: 400, title: "The request is not valid" },
  forbidden: { status: 403, title: "The caller may not do this" },
  unknown_connection: { status: 404, title: "No such connection" },
  unknown_session: { status: 404, title: "No such connect session" },
  unknown_integration: { status: 404, title: "No such integration" },
  unknown_route: { status: 404, title: "No such route" },
  method_not_allowed: { status: 405, title: "This route does not take that method" },
  reauthorization_required: { status: 409, title: "The user must authorize again" },
  admin_action_required: { status: 409, title: "The org's administrator must change something" },
  grant_limit_near: { status: 409, title: "Another grant could evict a live one" },
  connection_shared: { status: 409, title: "Other tenants use this connection" },
  disconnected: { status: 410, title: "The connection was disconnected" },
  too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  refresh_limited: { status: 429, title: "Too many rejections for this connection" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Something failed on our side" },
  app_misconfigured: { status: 503, title: "The app is not configured correctly" },
  store_unavailable: { status: 503, title: "The store does not answer" },
  refresh_pending: { status: 503, title: "A refresh is under way" }
};
function problemBody(problem2) {
  let { status, title } = problems[problem2.code];
  return {
    type: `urn:grantkeeper:problem:${problem2.code}`,
    title,
    status,
    code: problem2.code,
    detail: problem2.detail,
    ...problem2.field === void 0 ? {} : { field: problem2.field },
    ...problem2.members
  };
}

// functions/runtime/http-answer.ts
var Rejection = class extends Error {
  problem;
  headers;
  constructor(problem2, headers = {}) {
    super(problem2.code), this.problem = problem2, this.headers = headers;
  }
};
function answerOf2(response) {
  switch (response.kind) {
    case "json":
      return answer(response.status, { "content-type": "application/json" }, JSON.stringify(response.body));
    case "no_content":
      return answer(204, {});
    case "redirect":
      return { ...answer(response.status, { location: response.location }), ...cookiesOf(response.cookies) };
    case "page":
      return {
        ...answer(response.status, { "content-type": "text/html; charset=utf-8" }, response.html),
        ...cookiesOf(response.cookies)
      };
    case "problem":
      return problemAnswer(response.problem);
  }
}
function problemAnswer(problem2, headers = {}) {
  let retryAfter = problem2.retryAfterSeconds === void 0 ? {} : { "retry-after": String(Math.ceil(problem2.retryAfterSeconds)) };
  return answer(
    problems[problem2.code].status,
    { "content-type": "application/problem+json", ...retryAfter, ...headers },
    JSON.stringify(problemBody(problem2))
  );
}
function answer(statusCode, headers, body2) {
  return { statusCode, headers: { "cache-control": "no-store", ...headers }, ...body2 === void 0 ? {} : { body: body2 } };
}
function cookiesOf(cookies) {
  return cookies === void 0 || cookies.length === 0 ? {} : { cookies: [...cookies] };
}

// functions/runtime/http-request.ts
function requestOf(event, context) {
  let { http } = event.requestContext;
  return {
    method: http.method,
    path: http.path,
    pathParameters: decodedParameters(event.pathParameters ?? {}),
    query: new URLSearchParams(event.rawQueryString ?? ""),
    headers: event.headers,
    cookies: cookiesOf2(event),
    body: event.body,
    requestId: requestIdOf(event, context),
    ...callerOf(event),
    remainingTimeMs: () => context.getRemainingTimeInMillis()
  };
}
function callerOf({ requestContext }) {
  let { authorizer } = requestContext, { accountId, userArn } = authorizer?.iam ?? {};
  return typeof accountId != "string" || typeof userArn != "string" ? {} : { caller: { accountId, userArn } };
}
function requestIdOf(event, context) {
  return event.requestContext?.requestId ?? context.awsRequestId;
}
function decodedParameters(parameters) {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value = ""]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        throw new Rejection({
          code: "invalid_request",
          field: `path.${name}`,
          detail: `The path's ${name} is not valid percent-encoding of UTF-8.`
        });
      }
    })
  );
}
function cookiesOf2({ cookies, headers }) {
  let pairs = cookies ?? headers.cookie?.split(";") ?? [], found = /* @__PURE__ */ Object.create(null);
  for (let pair of pairs) {
    let equals = pair.indexOf("=");
    equals < 1 || (found[pair.slice(0, equals).trim()] ??= pair.slice(equals + 1).trim());
  }
  return found;
}

// functions/runtime/http-account.ts
function requestAccount(options) {
  let begun = /* @__PURE__ */ new WeakMap(), settle2 = (request) => account(options, request, performance.now() - (begun.get(request) ?? performance.now()));
  return {
    before(request) {
      begun.set(request, performance.now());
    },
    after: settle2,
    onError: settle2
  };
}
function account({ log, metrics, routeOf }, { event, context, response }, durationMs) {
  let route = routeOf(event), status = response?.statusCode ?? 500, requestId = requestIdOf(event, context);
  response?.headers !== void 0 && (response.headers["x-request-id"] = requestId), log.info("Request answered", {
    request_id: requestId,
    function_request_id: context.awsRequestId,
    route,
    status,
    duration_ms: Math.round(durationMs)
  }), measure(metrics, route, [
    { name: "Requests", value: 1, unit: "Count" },
    { name: "Errors5xx", value: status >= 500 ? 1 : 0, unit: "Count" },
    { name: "Latency", value: Math.round(durationMs), unit: "Milliseconds" }
  ]);
}
function measure(metrics, route, values) {
  if (metrics.observe) metrics.observe({ route }, values);
  else for (let { name, value, unit } of values) metrics.add(name, value, unit);
  metrics.flush?.();
}

// functions/runtime/http-body.ts
import httpJsonBodyParser from "@middy/http-json-body-parser";
var maxBodyBytes2 = 65536, maxJsonDepth = 32, methodsWithBody = /* @__PURE__ */ new Set(["POST", "PUT", "PATCH"]), parser = httpJsonBodyParser();
function jsonBody() {
  return {
    async before(request) {
      let { event } = request;
      if (!methodsWithBody.has(event.requestContext.http.method)) {
        delete event.body;
        return;
      }
      let bytes = bodyBytes(event);
      if (bytes > maxBodyBytes2) throw tooLarge(bytes);
      if (bytes === 0) throw invalid("This route takes a JSON object as its body; the request has none.");
      try {
        await parser.before?.(request);
      } catch (error2) {
        throw rejectionOf(error2, event.headers["content-type"]);
      }
      if (nestsDeeper(event.body, maxJsonDepth))
        throw invalid(`The body nests deeper than the ${maxJsonDepth} levels allowed.`);
    }
  };
}
function bodyBytes({ body: body2 = "", isBase64Encoded }) {
  return Buffer.byteLength(body2, isBase64Encoded ? "base64" : "utf8");
}
function rejectionOf(error2, contentType) {
  let status = error2 instanceof Error && "statusCode" in error2 ? error2.statusCode : void 0;
  if (status === 415) {
    let received = contentType === void 0 ? "the request names none" : `got ${contentType.slice(0, 100)}`;
    return new Rejection({
      code: "unsupported_media_type",
      detail: `The body must be JSON with "content-type: application/json"; ${received}.`
    });
  }
  return status === 422 ? invalid(`The body is not valid JSON${placeOf2(error2)}.`) : error2;
}
function placeOf2(error2) {
  let cause = error2 instanceof Error ? error2.cause : void 0, message = typeof cause == "object" && cause !== null && "message" in cause ? String(cause.message) : "", position = /at position (\d+)/.exec(message)?.[1];
  return position !== void 0 ? ` (at position ${position})` : message === "" ? ": it holds a forbidden key (__proto__, or constructor with prototype)" : "";
}
function nestsDeeper(value, levels) {
  return typeof value != "object" || value === null ? !1 : levels === 0 || Object.values(value).some((member) => nestsDeeper(member, levels - 1));
}
function invalid(detail) {
  return new Rejection({ code: "invalid_request", field: "body", detail });
}
function tooLarge(bytes) {
  return new Rejection({
    code: "too_large",
    field: "body",
    detail: `The body may have at most ${maxBodyBytes2} bytes; it has ${bytes}.`
  });
}

// functions/runtime/redaction.ts
var redacted = "[redacted]", maxDepth = 8, maxEntries = 100, maxTextLength = 8192, secretNames = /* @__PURE__ */ new Set(["code", "state", "claim", "connecturl", "cookies", "authorizationcode", "plaintext"]), secretNameEndings = /(?:token|secret|verifier|assertion|password|cookie|authorization|signature|privatekey|credentials)$/, parameterNames = "access_token|refresh_token|id_token|rejected_token|token|code|code_verifier|client_secret|client_assertion|assertion|state|signature|claim|secret|password", secretShapes = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=!-]+/gi, `$1 ${redacted}`],
  [/\b((?:set-)?cookie|authorization)(\\?["']?\s*[:=]\s*)[^\r\n]+/gi, `$1$2${redacted}`],
  [new RegExp(`\\b(${parameterNames})(=|%3D)[^&\\s"'<>]*`, "gi"), `$1$2${redacted}`],
  [new RegExp(`(\\\\?["'])(${parameterNames})\\1\\s*:\\s*\\\\?["'][^"']*`, "gi"), `$1$2$1:"${redacted}`],
  [/(\/connect\/)(?!\{secret\})[^/?#\s"'<>]+/g, `$1${redacted}`],
  // Salesforce: session ids (org id, exclamation mark, key), refresh tokens (5Aep…), authorization codes (aPrx…).
  [/00D[A-Za-z0-9]{9,15}(?:!|%21)[A-Za-z0-9._%~+/=-]*/g, redacted],
  [/\b5Aep[A-Za-z0-9._%-]{12,}/g, redacted],
  [/\baPrx[A-Za-z0-9._%=-]{8,}/g, redacted],
  // JWS (three parts) and compact JWE (five, the second empty with `dir`), whole or cut off: the header is JSON.
  [/\be(?:yJ|yA|wo|wk|w0)[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,4}/g, redacted],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted]
];
function redact(value) {
  return redactAt(value, 0, /* @__PURE__ */ new Set());
}
function redactText(text4) {
  let clean = text4.length > maxTextLength ? `${text4.slice(0, maxTextLength)}\u2026 (${text4.length} characters)` : text4;
  for (let [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  return clean;
}
function isSecretName(name) {
  let plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return secretNames.has(plain) || secretNameEndings.test(plain);
}
function redactAt(value, depth, above) {
  if (typeof value == "string") return redactText(value);
  if (typeof value == "bigint") return value.toString();
  if (typeof value == "function" || typeof value == "symbol") return `[${typeof value}]`;
  if (typeof value != "object" || value === null) return value;
  if (value instanceof Secret) return redacted;
  if (above.has(value)) return "[circular]";
  if (depth >= maxDepth) return "[too deep]";
  above.add(value);
  try {
    return redactObject(value, (inner) => redactAt(inner, depth + 1, above));
  } catch {
    return "[unreadable]";
  } finally {
    above.delete(value);
  }
}
function redactObject(value, inner) {
  if (value instanceof Error) return redactError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof URL || value instanceof URLSearchParams) return redactText(value.toString());
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, maxEntries).map(inner);
  if (value instanceof Set) return [...value].slice(0, maxEntries).map(inner);
  let entries = value instanceof Map || value instanceof Headers ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, maxEntries).map(([name, member]) => [
      redactText(String(name)),
      isSecretName(String(name)) && member !== void 0 ? redacted : inner(member)
    ])
  );
}
function redactError(error2, inner) {
  let code = "code" in error2 && typeof error2.code == "string" ? { error_code: redactText(error2.code) } : {}, cause = error2.cause instanceof Error ? { cause: inner(error2.cause) } : {};
  return {
    name: redactText(String(error2.name)),
    message: redactText(String(error2.message)),
    ...code,
    stack: redactText(String(error2.stack ?? "")),
    ...cause
  };
}

// functions/runtime/http-failure.ts
var storeRetrySeconds = 5;
function problemOf(error2, requestId, log) {
  return error2 instanceof StoreUnavailableError ? (log.error("The store does not answer", { request_id: requestId, error: redact(error2) }), {
    code: "store_unavailable",
    detail: "The store does not answer; a write may have happened all the same. Try again in a few seconds.",
    retryAfterSeconds: storeRetrySeconds
  }) : error2 instanceof KeysUnavailableError ? (log.error("The key service does not answer", { request_id: requestId, error: redact(error2) }), {
    code: "store_unavailable",
    detail: "The key service that seals the tokens does not answer. Nothing is lost; try again in a few seconds.",
    retryAfterSeconds: storeRetrySeconds
  }) : error2 instanceof AppMisconfiguredError ? (log.error("An app is not configured correctly", { request_id: requestId, app: error2.app, error: redact(error2) }), { code: "app_misconfigured", detail: redactText(error2.message) }) : (log.error("A request failed", { request_id: requestId, error: redact(error2) }), {
    code: "internal_error",
    detail: `Something failed on our side; the log names the reason under request ${requestId}.`,
    members: { request_id: requestId }
  });
}

// functions/runtime/http-security.ts
import { createHash as createHash3 } from "node:crypto";
import httpSecurityHeaders from "@middy/http-security-headers";
var oneYearSeconds = 31536e3;
function securityHeaders() {
  let kept = httpSecurityHeaders({
    // Made below, which knows the page.
    contentSecurityPolicy: !1,
    strictTransportSecurity: { maxAge: oneYearSeconds, includeSubDomains: !1, preload: !1 },
    // For pages with scripts, images and frames, of which ours have none; in every token answer they would be ballast.
    permissionsPolicy: !1,
    originAgentCluster: !1,
    reportTo: !1,
    reportingEndpoints: !1,
    dnsPrefetchControl: !1,
    downloadOptions: !1,
    permittedCrossDomainPolicies: !1
  });
  return {
    async after(request) {
      await kept.after?.(request), complete(request.response);
    },
    async onError(request) {
      await kept.onError?.(request), complete(request.response);
    }
  };
}
function complete(answer2) {
  if (answer2?.headers === void 0) return;
  let headers = Object.fromEntries(
    Object.entries(answer2.headers).map(([name, value]) => [name.toLowerCase(), value])
  ), isPage = headers["content-type"]?.startsWith("text/html") ?? !1;
  headers["content-security-policy"] = contentSecurityPolicy(isPage ? answer2.body : void 0), answer2.headers = headers;
}
function contentSecurityPolicy(html) {
  let style = html === void 0 ? void 0 : styleOf(html);
  return [
    "default-src 'none'",
    `style-src ${style === void 0 ? "'none'" : `'sha256-${createHash3("sha256").update(style).digest("base64")}'`}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'"
  ].join("; ");
}
function styleOf(html) {
  let headEnd = html.indexOf("</head>");
  return /<style>([\s\S]*?)<\/style>/.exec(html.slice(0, Math.max(headEnd, 0)))?.[1];
}

// functions/runtime/middy-plugin.ts
var middyPlugin = { timeoutEarlyInMillis: 0 };

// functions/runtime/route-pattern.ts
function fitsPattern(pattern, path) {
  let expected = pattern.split("/"), received = path.split("/");
  return expected.length === received.length && expected.every((segment, index) => isParameter(segment) ? received[index] !== "" : segment === received[index]);
}
function isParameter(segment) {
  return segment.startsWith("{") && segment.endsWith("}");
}

// functions/runtime/http.ts
function createHttpHandler(options) {
  let routed = routesOf(options), router = httpRouterHandler({
    routes: routed.map(({ route, handler }) => ({
      method: route.method,
      path: route.path,
      handler: middy(
        async (event, context) => answerOf2(await handler(requestOf(event, context))),
        middyPlugin
      ).use(jsonBody())
    })),
    notFoundResponse: notFound
  }), stack = middy(middyPlugin).use(
    requestAccount({
      ...options,
      routeOf: (event) => patternOf(
        routed.map(({ route }) => route),
        event
      )
    })
  ).use(securityHeaders()).use(problemDetails(options)).use(httpHeaderNormalizer()).handler(router);
  return (event, context) => stack({ ...event }, context);
}
function routesOf({ functionName, handlers }) {
  let own = routes.filter((route) => route.function === functionName), names = new Set(own.map(nameOf2)), strays = Object.keys(handlers).filter((name) => !names.has(name));
  if (strays.length > 0) throw new Error(`Function ${functionName} has no route ${strays.join(", ")}.`);
  return own.map((route) => {
    let handler = handlers[nameOf2(route)];
    if (handler === void 0) throw new Error(`Function ${functionName} has no handler for ${nameOf2(route)}.`);
    return { route, handler };
  });
}
function nameOf2({ method, path }) {
  return `${method} ${path}`;
}
function patternOf(own, event) {
  let { method, path } = event.requestContext.http, route = own.find((candidate) => candidate.method === method && fitsPattern(candidate.path, path));
  return route === void 0 ? "unmatched" : nameOf2(route);
}
function notFound({ method, path }) {
  let allowed = routes.filter((route) => fitsPattern(route.path, path)).map((route) => route.method);
  if (allowed.length === 0)
    throw new Rejection({ code: "unknown_route", detail: "No route has this path; docs/openapi.yaml lists them all." });
  let allow = [...new Set(allowed)].join(", ");
  throw new Rejection(
    { code: "method_not_allowed", detail: `This route takes ${allow}; got ${method.slice(0, 20)}.` },
    { allow }
  );
}
function problemDetails({ log }) {
  return {
    onError(request) {
      let { error: error2, event, context } = request;
      request.response = error2 instanceof Rejection ? problemAnswer(error2.problem, error2.headers) : problemAnswer(problemOf(error2, requestIdOf(event, context), log));
    }
  };
}

// functions/handlers/failure-words.ts
var nothingSpent = "No access was given, and no Salesforce authorization was used up.", givenBack = "Salesforce did give us access. We did not keep it and are giving it back, so that nothing is left of it.", you = (text4) => ({ who: "you", text: text4 }), administrator = (text4) => ({ who: "administrator", text: text4 }), operator = (text4) => ({ who: "operator", text: text4 }), newLink = "Open a new link from where you got this one.", newLinkLater = you("Wait a few minutes, then open a new link from where you got this one."), newLinkAfterwards = "when that is done, open a new link from where you got this one.", tellAdministrator = you(`Send this page to your Salesforce administrator; ${newLinkAfterwards}`), tellOperator = you("In Salesforce you need change nothing. Tell us the code below, and we send you a new link."), words = {
  access_denied: {
    title: "Access was not allowed",
    meaning: "Somebody chose \u201CDeny\u201D in Salesforce, or a policy of your organization refused the access.",
    spent: nothingSpent,
    steps: [
      you(`If it was a mistake: ${lower(newLink)} Choose \u201CAllow\u201D there.`),
      administrator("If Salesforce did not ask at all: look at the policies of this app in Salesforce Setup.")
    ]
  },
  OAUTH_EC_APP_NOT_FOUND: {
    title: "The app is not installed in your Salesforce",
    meaning: "Salesforce lets people use an app only in organizations that have installed it, and yours has not.",
    spent: nothingSpent,
    steps: [administrator("Install the app in your organization, in Salesforce Setup."), tellAdministrator]
  },
  OAUTH_AUTHORIZATION_BLOCKED: {
    title: "Your Salesforce takes no new users of this app",
    meaning: "Most often the app is not installed in your organization: then Salesforce blocks everybody new to it.",
    spent: nothingSpent,
    steps: [
      administrator("Install the app in your organization, or allow it, in Salesforce Setup."),
      tellAdministrator
    ]
  },
  OAUTH_APP_BLOCKED: {
    title: "Your Salesforce administrator has blocked this app",
    meaning: "An administrator of your organization has forbidden the app for everybody in it.",
    spent: nothingSpent,
    steps: [
      administrator("If the app shall be used: unblock it in Salesforce Setup, under Connected Apps OAuth Usage."),
      tellAdministrator
    ]
  },
  OAUTH_APP_ACCESS_DENIED: {
    title: "You are not approved for this app in Salesforce",
    meaning: "In your organization only those whom an administrator has approved may use the app.",
    spent: nothingSpent,
    steps: [administrator("Give the user's profile or a permission set access to the app."), tellAdministrator]
  },
  wrong_org: {
    title: "You logged in to another Salesforce organization",
    spent: givenBack,
    steps: [
      you("Log out of Salesforce in this browser, or use a private window."),
      you("Open a new link from where you got this one, and log in to the expected organization.")
    ]
  },
  wrong_user: {
    title: "You logged in as another Salesforce user",
    spent: givenBack,
    steps: [
      you("Log out of Salesforce in this browser, or use a private window."),
      you("Open a new link from where you got this one, and log in as the expected user.")
    ]
  },
  lost_response: {
    title: "The answer from Salesforce was lost",
    meaning: "You allowed the access, but on the way to us something broke off. Nothing was connected.",
    spent: "Salesforce may have counted an authorization that nobody can use. It keeps up to five for each user and app, and drops one of them by itself.",
    steps: [you(`${newLink} Allow the access once more.`)]
  },
  overtaken: {
    title: "Something newer came first",
    meaning: "While you were in Salesforce, the product was connected by somebody else, or the connection was taken out of use.",
    spent: givenBack,
    steps: [you(`If it is you who should be connected: ${lower(newLink)}`)]
  },
  unclaimed: {
    title: "The connection was not confirmed in time",
    meaning: "You allowed the access, and the product did not confirm that it was you who had asked for it.",
    spent: "Nothing was connected. Access that nobody uses is given back to Salesforce.",
    steps: [
      you("Log in to the product, begin there once more, and stay in the same browser until the end."),
      you("If somebody else sent you the link and you did not expect it, do nothing.")
    ]
  },
  app_misconfigured: {
    title: "This does not work, and it is our fault",
    meaning: "Our set-up with Salesforce is not complete, so we could not finish what you began.",
    spent: nothingSpent,
    steps: [
      operator("Complete the app's set-up: its configuration, client secret and callback address."),
      tellOperator
    ]
  },
  too_late: {
    title: "There was too little time to finish safely",
    meaning: "We were slow, and rather sent nothing to Salesforce than lose its answer.",
    spent: nothingSpent,
    steps: [you(newLink)]
  },
  expired_code: {
    title: "The confirmation from Salesforce had expired",
    meaning: "What Salesforce gives along when you choose \u201CAllow\u201D is good for minutes, and once.",
    spent: nothingSpent,
    steps: [you(`${newLink} Allow the access once more.`)]
  },
  exchange_refused: {
    title: "Salesforce refused our request",
    meaning: "You allowed the access, and Salesforce did not accept the request with which we asked for it.",
    spent: nothingSpent,
    steps: [
      you("Open a new link from where you got this one, and stay in one window until the end."),
      operator("If it happens again: compare the app's settings with those in Salesforce Setup.")
    ]
  },
  foreign_identity: untrusted("The answer does not name you on an address of Salesforce."),
  foreign_instance: untrusted("The answer names an address that does not belong to Salesforce."),
  wrong_signature: {
    title: "The answer from Salesforce could not be verified",
    meaning: "It does not bear the signature that we expected, so we did not trust it.",
    spent: givenBack,
    steps: [operator("Compare the client secret with the one in Salesforce Setup."), tellOperator]
  },
  no_refresh_token: {
    title: "Salesforce gave no lasting access",
    meaning: "The product works while you are away, and for that it needs access that lasts. It got a short one.",
    spent: givenBack,
    steps: [operator("Give the external client app the scope refresh_token in Salesforce Setup."), tellOperator]
  },
  disconnected: {
    title: "The connection was removed meanwhile",
    meaning: "While you were in Salesforce, somebody disconnected it.",
    spent: givenBack,
    steps: [you("If it shall be connected again, open a new link from where you got this one.")]
  },
  invalid_request: badRequest("Salesforce calls the request that we sent you with malformed."),
  invalid_scope: badRequest("We asked Salesforce for a kind of access that it does not give to this app."),
  immediate_unsuccessful: {
    title: "You were not logged in to Salesforce",
    meaning: "Or you had not allowed the app before. Salesforce did not ask you for either.",
    spent: nothingSpent,
    steps: [you(`${newLink} Log in to Salesforce.`)]
  },
  inactive_user: {
    title: "Your Salesforce user is not active",
    meaning: "An administrator has deactivated it, or it is locked.",
    spent: nothingSpent,
    steps: [
      administrator("Activate the user in Salesforce Setup."),
      you(`Or log in as another user: ${lower(newLink)}`)
    ]
  },
  inactive_org: {
    title: "Your Salesforce organization is not active",
    meaning: "It is locked, suspended or expired.",
    spent: nothingSpent,
    steps: [administrator("Have the organization reactivated by Salesforce."), tellAdministrator]
  },
  rate_limit_exceeded: {
    title: "Salesforce takes no more logins for now",
    meaning: "There were too many in a short time.",
    spent: nothingSpent,
    steps: [you("Wait an hour, then open a new link from where you got this one.")]
  },
  server_error: {
    title: "Salesforce had a failure",
    meaning: "It ended the authorization with an error of its own.",
    spent: nothingSpent,
    steps: [newLinkLater]
  },
  temporarily_unavailable: {
    title: "Salesforce is not available at the moment",
    meaning: "It is overloaded or under maintenance.",
    spent: nothingSpent,
    steps: [newLinkLater]
  }
}, worded = Object.keys(words);
function failureWords({ code, remedy }) {
  return (Object.hasOwn(words, code) ? words[code] : void 0) ?? { title: "Salesforce was not connected", spent: "Nothing was connected.", steps: [you(remedy)] };
}
function untrusted(meaning) {
  let step = operator("Check the app's login address and the network path to Salesforce."), wait2 = you("Do not try again before you hear from us. Tell us the code below.");
  return { title: "We did not trust the answer", meaning, spent: givenBack, steps: [step, wait2] };
}
function badRequest(meaning) {
  let step = operator("Compare the app's settings (PKCE, callback address, scopes) with those in Salesforce Setup.");
  return {
    title: "Salesforce did not understand our request",
    meaning,
    spent: nothingSpent,
    steps: [step, tellOperator]
  };
}
function lower(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

// functions/core/brand.ts
var defaultColors = { color: "#1d2733", colorDark: "#e8edf3" }, paper = { light: "#ffffff", dark: "#1b232d" };

// functions/handlers/page-style.ts
var inks = {
  light: { ink: "#1d2733", dim: "#4d5b6b", line: "#c3ccd6", good: "#1f7a3d", bad: "#b3261e", neutral: "#4d5b6b" },
  dark: { ink: "#e8edf3", dim: "#aebccb", line: "#3a4756", good: "#7fd49b", bad: "#ff9d94", neutral: "#aebccb" }
}, grounds = { light: "#eef1f5", dark: "#10161d" };
function pageStyle(brand) {
  return `
:root { color-scheme: light dark; ${colors("light", brand?.color ?? defaultColors.color)} }
@media (prefers-color-scheme: dark) { :root { ${colors("dark", brand?.colorDark ?? defaultColors.colorDark)} } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
main { width: min(36rem, 100%); padding: 1.5rem clamp(1rem, 5vw, 2rem); background: var(--paper);
  border-top: .3rem solid var(--brand); }
@media (min-width: 38rem) { main { margin: 1.5rem 0; border-radius: .4rem; box-shadow: 0 1px 6px rgb(0 0 0 / .15); } }
.brand { margin: 0 0 1.25rem; padding-bottom: .6rem; border-bottom: 1px solid var(--line); color: var(--brand); font-weight: 600; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.3; }
h1 span { display: inline-block; min-width: 1.6em; margin-right: .4em; border-radius: .8em; background: var(--mark);
  color: var(--paper); font-size: .85em; line-height: 1.6; text-align: center; }
.good { --mark: var(--good); } .bad { --mark: var(--bad); } .neutral { --mark: var(--neutral); }
h2 { margin: 1.25rem 0 .4rem; font-size: 1.0625rem; }
p, dl { margin: 0 0 .75rem; }
dt { font-weight: 600; }
dd { margin: 0 0 .6rem; }
footer { margin-top: 1.25rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--dim); font-size: .875rem; }
footer p { margin: 0; }
`;
}
function colors(ground, brandColor) {
  let named = { ...inks[ground], paper: paper[ground], ground: grounds[ground], brand: brandColor };
  return Object.entries(named).map(([name, color2]) => `--${name}: ${color2};`).join(" ");
}

// functions/handlers/page.ts
function page(status, text4, brand) {
  let title = brand === void 0 ? text4.title : `${text4.title} \u2013 ${brand.name}`, html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${pageStyle(brand)}</style>
</head>
<body>
<main class="${text4.tone}">
${[
    brandLine(brand),
    heading(text4),
    ...text4.paragraphs.map(paragraph),
    steps(text4.steps ?? [], brand),
    footer(text4, brand)
  ].filter((part) => part !== "").join(`
`)}
</main>
</body>
</html>
`;
  return { kind: "page", status, html };
}
var marks = { good: "\u2713", bad: "!", neutral: "\u2026" };
function heading({ title, tone }) {
  return `<h1><span aria-hidden="true">${marks[tone]}</span>${escapeHtml(title)}</h1>`;
}
function brandLine(brand) {
  return brand === void 0 ? "" : `<p class="brand">${escapeHtml(brand.name)}</p>`;
}
function paragraph(text4) {
  return `<p>${escapeHtml(text4)}</p>`;
}
function steps(all, brand) {
  if (all.length === 0) return "";
  let names = {
    you: "You",
    administrator: "Your Salesforce administrator",
    operator: brand?.name ?? "The people who sent you the link"
  };
  return `<h2>What to do next</h2>
<dl>
${all.map(({ who, text: text4 }, index) => `${all[index - 1]?.who === who ? "" : `<dt>${escapeHtml(names[who])}</dt>
`}<dd>${escapeHtml(text4)}</dd>`).join(`
`)}
</dl>`;
}
function footer({ code }, brand) {
  let lines = [
    ...brand?.contact === void 0 ? [] : [`Questions? ${brand.name}: ${brand.contact}`],
    ...code === void 0 ? [] : [`Code for support: ${code}`]
  ];
  return lines.length === 0 ? "" : `<footer>
${lines.map(paragraph).join(`
`)}
</footer>`;
}
var entities = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
};
function escapeHtml(text4) {
  return text4.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

// functions/handlers/pages.ts
function createPages(brand) {
  return {
    outcome: (session, now) => outcome(session, now, brand),
    unknownLink: () => page(404, unknownLink, brand),
    foreignBrowser: () => page(403, foreignBrowser, brand),
    outdatedState: () => page(409, outdatedState, brand),
    malformedCallback: () => page(400, malformedCallback, brand),
    whileUnavailable: async (answer2) => {
      try {
        return await answer2();
      } catch (error2) {
        if (!(error2 instanceof StoreUnavailableError || error2 instanceof KeysUnavailableError)) throw error2;
        return page(503, unavailable, brand);
      }
    }
  };
}
function outcome(session, now, brand) {
  switch (sessionStatus(session, now)) {
    case "connected":
      return page(200, connected, brand);
    case "signed_in":
      return page(200, signedIn2, brand);
    case "authorized":
      return page(200, session.claimedAt === void 0 ? authorized : almostDone, brand);
    case "exchanging":
      return page(200, almostDone, brand);
    case "failed":
      return failed(session, now, brand);
    case "expired":
      return page(410, expired, brand);
    case "pending":
      return page(503, notInConfiguration, brand);
  }
}
function failed(session, now, brand) {
  let error2 = sessionErrorOf(session, now) ?? { code: "unknown", detail: "No reason was recorded.", remedy: newLink2 }, { title, meaning, spent, steps: steps2 } = failureWords(error2), text4 = { tone: "bad", title, paragraphs: [meaning ?? error2.detail, spent], steps: steps2, code: error2.code };
  return page(error2.code === "app_misconfigured" ? 503 : 400, text4, brand);
}
var newLink2 = "Open a new link from where you got this one.", connected = {
  tone: "good",
  title: "Salesforce is connected",
  paragraphs: ["The access that you allowed is stored, and the product can use it."],
  steps: [{ who: "you", text: "You are done. You can close this window." }]
}, signedIn2 = {
  tone: "good",
  title: "You are signed in with Salesforce",
  paragraphs: ["Salesforce has told us who you are. No access to your data was kept."],
  steps: [{ who: "you", text: "Go back to the product. You can close this window." }]
}, authorized = {
  tone: "neutral",
  title: "Allowed in Salesforce, not yet confirmed",
  paragraphs: [
    "What you allowed is kept safe. Nothing can use it before the product has confirmed that it was you who asked.",
    "If that does not happen within minutes, it is given back to Salesforce."
  ],
  steps: [
    { who: "you", text: "Go back to the product, in this browser, where you are logged in to it." },
    { who: "you", text: "If somebody else sent you the link and you did not expect it, do nothing." }
  ]
}, almostDone = {
  tone: "neutral",
  title: "Almost done",
  paragraphs: ["Salesforce has sent you back, and what you allowed is being stored. That goes on by itself."],
  steps: [{ who: "you", text: "Load this page again in half a minute to see how it ended. Nothing is spent by that." }]
}, expired = {
  tone: "bad",
  title: "This link has expired",
  paragraphs: ["A link is good for 15 minutes, and this one was not finished in time.", nothingSpent],
  steps: [{ who: "you", text: "Ask for a new link where you got this one, and finish it within 15 minutes." }],
  code: "expired"
}, notInConfiguration = {
  tone: "bad",
  title: "This link cannot be used, and it is our fault",
  paragraphs: ["The app that the link is for is not in our configuration any more.", nothingSpent],
  steps: [
    { who: "operator", text: "Put the app back into the configuration, or send a link for another one." },
    { who: "you", text: "In Salesforce you need change nothing. Tell us the code below, and we send you a new link." }
  ],
  code: "app_misconfigured"
}, unknownLink = {
  tone: "bad",
  title: "This link is not known here",
  paragraphs: ["It may be old, or a part of it was cut off on its way.", nothingSpent],
  steps: [{ who: "you", text: "Copy the whole link once more, or ask for a new one where you got this one." }],
  code: "unknown_link"
}, foreignBrowser = {
  tone: "bad",
  title: "This is not the browser that began",
  paragraphs: [
    "The link was opened in another browser or a private window, or cookies are switched off.",
    nothingSpent
  ],
  steps: [
    { who: "you", text: "Open the link again in this browser, with cookies allowed, and stay in it until the end." },
    { who: "you", text: "If you did not begin this yourself, do nothing." }
  ],
  code: "foreign_browser"
}, outdatedState = {
  tone: "bad",
  title: "The link was opened again since",
  paragraphs: ["Only the newest attempt counts, so this one was not taken.", nothingSpent],
  steps: [{ who: "you", text: "Open the link once more and finish it in one window." }],
  code: "outdated_state"
}, malformedCallback = {
  tone: "bad",
  title: "Something is missing from this address",
  paragraphs: [
    "Salesforce sends you back with an address that has two parts for us. One is missing, double or changed.",
    nothingSpent
  ],
  steps: [{ who: "you", text: "Open the link again from where you got it." }],
  code: "malformed_callback"
}, unavailable = {
  tone: "bad",
  title: "This does not work at the moment, and it is our fault",
  paragraphs: ["Our storage does not answer.", "Nothing that Salesforce has sent is lost by it."],
  steps: [{ who: "you", text: "Load this page again in a minute." }],
  code: "store_unavailable"
};

// functions/handlers/callback.ts
var longestParameter = 2048;
function createCallbackHandler(ports) {
  let finishConnect = createFinishConnect(ports), pages = createPages(ports.config.brand);
  async function callback(request) {
    let parameters = parametersOf(request.query);
    if (parameters === void 0) return pages.malformedCallback();
    let outcome2 = await finishConnect(parameters, request.cookies, request.remainingTimeMs);
    switch (outcome2.kind) {
      case "unknown_state":
        return pages.unknownLink();
      case "foreign_browser":
        return pages.foreignBrowser();
      case "outdated_state":
        return pages.outdatedState();
      case "missing_code":
        return pages.malformedCallback();
      case "outcome":
        return outcomeResponse(pages, outcome2.session, outcome2.claim, ports.clock.now());
    }
  }
  return createHttpHandler({
    functionName: "callback",
    log: ports.log,
    metrics: ports.metrics,
    handlers: { "GET /oauth/callback": (request) => pages.whileUnavailable(() => callback(request)) }
  });
}
function parametersOf(query) {
  let [state, code, error2] = ["state", "code", "error"].map((name) => {
    let values = query.getAll(name);
    return values.length > 1 || (values[0]?.length ?? 0) > longestParameter ? null : values[0] || void 0;
  });
  if (!(!state || code === null || error2 === null))
    return { state, ...code === void 0 ? {} : { code: new Secret(code) }, error: error2 };
}
function outcomeResponse(pages, session, claim3, now) {
  let status = sessionStatus(session, now);
  return session.returnTo === void 0 || status === "exchanging" ? pages.outcome(session, now) : { kind: "redirect", status: 303, location: returnAddress(session.returnTo, { connect_session: session.id, status, claim: claim3 }) };
}

// functions/handlers/configure.ts
import * as z12 from "zod/mini";

// functions/core/judge-identity-answer.ts
import * as z10 from "zod/mini";
var identitySchema = z10.object({
  user_id: z10.string(),
  organization_id: z10.string(),
  username: z10.catch(z10.optional(z10.string().check(z10.minLength(1), z10.maxLength(256))), void 0),
  active: z10.catch(z10.optional(z10.boolean()), void 0)
});
function judgeIdentityAnswer(answer2, user) {
  if (answer2.kind === "no_answer") return { kind: "unavailable", detail: answer2.reason };
  let { status } = answer2;
  if (status >= 500) return { kind: "unavailable", detail: `HTTP ${status}` };
  let body2 = answer2.body.reveal();
  return status === 200 ? judgeIdentity(body2, user) : status === 401 || status === 403 && /^\W*bad_oauth_token/i.test(body2) ? { kind: "token_rejected" } : status === 404 && /^\W*inactive/i.test(body2) ? { kind: "inactive" } : { kind: "silent", detail: `HTTP ${status}` };
}
function judgeIdentity(body2, { orgId, userId }) {
  let json2 = jsonOf3(body2);
  if (json2 === void 0) return { kind: "unavailable", detail: "the answer is no JSON" };
  let parsed2 = identitySchema.safeParse(json2);
  if (!parsed2.success) return { kind: "silent", detail: "the answer is no identity" };
  let { user_id, organization_id, username, active } = parsed2.data;
  return user_id !== userId || organization_id !== orgId ? { kind: "silent", detail: "the answer is about another user" } : active === !1 ? { kind: "inactive" } : { kind: "active", ...username === void 0 ? {} : { username } };
}
function jsonOf3(body2) {
  try {
    return JSON.parse(body2);
  } catch {
    return;
  }
}

// functions/flows/check-user.ts
var timeoutMs4 = 1e4, lastingProblems = /* @__PURE__ */ new Set([
  "unknown_connection",
  "disconnected",
  "reauthorization_required",
  "admin_action_required"
]);
async function checkUser(ports, connection) {
  let first = await ports.tokens.read(connection.id);
  if (first.kind === "problem") return noToken2(first);
  let verdict = await ask(ports, connection, first);
  if (verdict.kind !== "token_rejected") return conclude(ports, connection, first, verdict);
  let second = await ports.tokens.read(connection.id, sha256Hex(first.accessToken.reveal()));
  return second.kind === "problem" ? noToken2(second) : conclude(ports, connection, second, await ask(ports, connection, second));
}
async function ask({ salesforceApi }, connection, live) {
  let answer2 = await salesforceApi.identity(live.instanceUrl, connection, live.accessToken, timeoutMs4);
  return judgeIdentityAnswer(answer2, connection);
}
function noToken2({ code, detail }) {
  return trouble(`${code}: ${detail}`, lastingProblems.has(code));
}
async function conclude(ports, connection, live, verdict) {
  switch (verdict.kind) {
    case "active":
      return verdict.username !== void 0 && await remember(ports, connection, verdict.username), { kind: "usable", live };
    case "inactive":
      return trouble(
        "user_inactive: Salesforce says that this user is deactivated. An administrator of the org activates the user again, or another user authorizes (reauthorize); then PUT the configuration to run the step again.",
        !0
      );
    case "unavailable":
      return trouble(
        `salesforce_unavailable: The identity URL did not answer (${verdict.detail}); the step is tried again.`,
        !1
      );
    // What the identity URL will not say, the step may find out by itself.
    case "token_rejected":
    case "silent": {
      let why = verdict.kind === "silent" ? verdict.detail : "it refused a new token too";
      return ports.log.warn("The identity URL says nothing about the user.", { connection_id: connection.id, why }), { kind: "usable", live };
    }
  }
}
async function remember({ store: store2, log }, { app: app2, id }, username) {
  try {
    await store2.rememberUsername(app2, username, id);
  } catch (error2) {
    log.warn("A username could not be remembered.", { connection_id: id, error: error2 });
  }
}
function trouble(reason, lasting) {
  return { kind: "trouble", trouble: { reason, lasting } };
}

// functions/core/grant-comparison.ts
import * as z11 from "zod/mini";
var rowsAtMost = 200, queryScopes = /* @__PURE__ */ new Set(["api", "full"]);
function mayQuery({ grant: grant2 }) {
  return (grant2?.scopes ?? []).some((scope) => queryScopes.has(scope));
}
function grantsQuery(appName, userId) {
  return `SELECT AppName FROM OauthToken WHERE UserId = ${quoted(userId)} AND AppName = ${quoted(appName)} LIMIT ${rowsAtMost}`;
}
function quoted(text4) {
  return `'${text4.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
var listSchema = z11.object({ totalSize: z11.int().check(z11.minimum(0)) }), refusalSchema = z11.array(z11.object({ errorCode: z11.string().check(z11.regex(/^[A-Z0-9_]{1,64}$/)) }));
function judgeListAnswer(answer2) {
  if (answer2.kind === "no_answer") return { kind: "unavailable", detail: answer2.reason };
  let { status } = answer2, body2 = jsonOf4(answer2.body.reveal()), listed = status === 200 ? listSchema.safeParse(body2) : void 0;
  if (listed?.success) return { kind: "listed", count: listed.data.totalSize };
  if (status < 400 || status >= 500) return { kind: "unavailable", detail: `HTTP ${status}` };
  let refusal4 = refusalSchema.safeParse(body2), [first] = refusal4.success ? refusal4.data : [];
  return { kind: "refused", errorCode: first?.errorCode ?? `HTTP ${status}` };
}
function holdingOf(connection, ledger, now) {
  let { stored, owed } = budgetOf(connection, ledger, 0, now), owedIds = Object.keys(connection.duties).filter((id) => connection.duties[id]?.kind === "revoke");
  return {
    count: stored + owed,
    state: JSON.stringify([connection.grant?.id, connection.status, owedIds.sort(), ledger?.entries]),
    unsettled: (ledger?.entries ?? []).some((entry) => isUnderWay(entry, now))
  };
}
function comparisonSummary({ listed, held, note }) {
  if (listed === void 0 || held === void 0)
    return `Salesforce's own list of this user's grants could not be read: ${note ?? "no reason is known"}.`;
  let difference = listed - held;
  return difference === 0 ? "Salesforce lists the grants of this user that we hold, and no other." : difference > 0 ? `Salesforce lists ${grants(difference)} of this user that we do not hold.` : `We hold ${grants(-difference)} of this user that Salesforce does not list.`;
}
var small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
function grants(count2) {
  return `${small[count2] ?? count2} ${count2 === 1 ? "grant" : "grants"}`;
}
function jsonOf4(body2) {
  try {
    return JSON.parse(body2);
  } catch {
    return;
  }
}

// functions/flows/compare-grants.ts
var timeoutMs5 = 1e4;
async function compareGrants(ports, connection, live) {
  let appName = ports.config.apps[connection.app]?.salesforceName;
  if (!(appName === void 0 || !mayQuery(connection)))
    try {
      await compare(ports, connection, live, appName);
    } catch (error2) {
      ports.log.warn("The grants could not be compared with those that Salesforce lists.", {
        connection_id: connection.id,
        error: error2
      });
    }
}
async function compare(ports, { id, userId }, { instanceUrl, accessToken }, appName) {
  let before = await holding(ports, id), soql = grantsQuery(appName, userId), verdict = judgeListAnswer(await ports.salesforceApi.query(instanceUrl, soql, accessToken, timeoutMs5)), after = await holding(ports, id);
  if (after === void 0 || after.state !== before?.state || verdict.kind === "listed" && after.unsettled) {
    ports.log.info("The grants were not compared: an authorization or a revocation came in between.", {
      connection_id: id
    });
    return;
  }
  let comparison2 = comparisonOf(verdict, after.count, ports.clock.now());
  ports.log.info("The grants of a user were compared with those that Salesforce lists.", {
    connection_id: id,
    ...comparison2
  }), await write2(ports, id, comparison2, verdict.kind === "unavailable");
}
async function holding({ store: store2, clock }, id) {
  let [connection, ledger] = await Promise.all([store2.connections.read(id), store2.ledgers.read(id)]);
  return connection === void 0 ? void 0 : holdingOf(connection, ledger, clock.now());
}
function comparisonOf(verdict, held, at) {
  switch (verdict.kind) {
    case "listed":
      return { at, listed: verdict.count, held };
    case "refused":
      return { at, note: verdict.errorCode };
    case "unavailable":
      return { at, note: `Salesforce did not answer (${verdict.detail})` };
  }
}
async function write2(ports, id, comparison2, onlyIfNone) {
  await change(
    ports.store.ledgers,
    id,
    (current) => onlyIfNone && current?.comparison?.listed !== void 0 ? { keep: !0, result: void 0 } : { write: withComparison(current, id, comparison2), result: void 0 },
    { writeId: `${newId(ports.random)}.compared` }
  );
}

// functions/flows/configure-integration.ts
var ConfigurationFailedError = class extends GrantkeeperError {
  code = "configuration_failed";
}, recordingTimeMs = 5e3;
async function configureIntegration(ports, request, options) {
  let { tenant, integration, configurationVersion } = request, key = { tenant, integration }, found = await ports.store.integrations.read(key);
  if (found === void 0 || !mayConfigure(found, configurationVersion)) return "not_needed";
  let trouble2 = await run(ports, found, options), reason = trouble2 && options.redactText(trouble2.reason);
  if (await record2(ports, key, configurationVersion, reason), reason === void 0) return "configured";
  if (ports.log.warn("A configuration failed; its tokens are untouched.", { ...key, configurationVersion, reason }), trouble2?.lasting === !0) return "failed";
  throw new ConfigurationFailedError(`The configuration of ${tenant}/${integration} failed: ${reason}`);
}
async function run(ports, integration, { remainingTimeMs }) {
  try {
    let connection = await ports.store.connections.read(integration.connectionId), unusable = unusableReason(connection);
    if (connection === void 0 || unusable !== void 0) return { reason: unusable ?? "", lasting: !0 };
    let checked = await checkUser(ports, connection);
    if (checked.kind === "trouble") return checked.trouble;
    await compareGrants(ports, connection, checked.live), await runStep(ports, integration, Math.max(0, remainingTimeMs() - recordingTimeMs));
    return;
  } catch (error2) {
    return { reason: wordsOf2(error2), lasting: !1 };
  }
}
function unusableReason(connection) {
  let remedy = "a new connect session links the integration, and runs the step";
  return connection === void 0 ? `unknown_connection: The connection is not stored; ${remedy}.` : connection.status === "disconnected" ? `disconnected: The connection was disconnected; ${remedy}.` : void 0;
}
async function runStep({ configurationStep, clock }, { connectionId, tenant, integration, configuration, configurationVersion }, timeMs) {
  let stop = new AbortController(), event = {
    connection_id: connectionId,
    tenant,
    integration,
    configuration: configuration === void 0 ? null : JSON.parse(configuration),
    configuration_version: configurationVersion
  }, step = configurationStep.run(event, timeMs), timeUp = clock.wait(timeMs, stop.signal).then(() => {
    if (stop.signal.aborted) return;
    let seconds2 = Math.floor(timeMs / 1e3);
    throw new ConfigurationFailedError(
      `step_timed_out: The configuration step did not end within the ${seconds2} s that it had; it is tried again.`
    );
  });
  try {
    await Promise.race([step, timeUp]);
  } finally {
    stop.abort();
  }
}
function wordsOf2(error2) {
  let words3 = error2 instanceof Error ? error2.message : String(error2);
  return words3.trim() === "" ? "The configuration step failed and did not say why." : words3;
}
async function record2(ports, key, version, reason) {
  let outcome2 = reason === void 0 ? { status: "configured" } : { status: "configuration_failed", reason };
  await change(
    ports.store.integrations,
    key,
    (current) => {
      let after = current && decideConfigured(current, version, outcome2, ports.clock.now());
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.${outcome2.status}` }
  ), ports.metrics.add(reason === void 0 ? "Configured" : "ConfigurationFailed", 1);
}

// functions/runtime/queue.ts
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import middy3 from "@middy/core";

// functions/runtime/invocation.ts
import middy2 from "@middy/core";
function createInvocationHandler({
  log,
  metrics,
  parse: parse4,
  run: run2
}) {
  return middy2(middyPlugin).use(invocationAccount(log, metrics)).handler(async (event, context) => run2(parse4(event), invocationOf(context)));
}
function invocationOf(context) {
  return { requestId: context.awsRequestId, remainingTimeMs: () => context.getRemainingTimeInMillis() };
}
function invocationAccount(log, metrics) {
  return {
    after() {
      metrics.add("Invocations", 1), metrics.flush?.();
    },
    onError(request) {
      let { error: error2, context } = request;
      log.error("An invocation failed", { function_request_id: context.awsRequestId, error: redact(error2) }), metrics.add("Invocations", 1), metrics.add("InvocationFailures", 1), metrics.flush?.(), request.error = cleanError(error2);
    }
  };
}
function cleanError(error2) {
  let clean = new Error(redactText(error2 instanceof Error ? error2.message : String(error2)));
  return clean.name = error2 instanceof Error ? error2.name : "Error", clean.stack = redactText(error2 instanceof Error ? error2.stack ?? "" : ""), clean;
}

// functions/runtime/queue.ts
function createQueueHandler(options) {
  let { log, metrics } = options;
  return middy3(middyPlugin).use(invocationAccount(log, metrics)).handler(
    async (event, context) => processPartialResponse(
      event,
      (record4) => handleRecord(record4, options, invocationOf(context)),
      // One for each batch: it keeps the failures of the batch that it works on.
      new BatchProcessor(EventType.SQS),
      { processInParallel: !0, throwOnFullBatchFailure: !1 }
    )
  );
}
async function handleRecord(record4, { log, metrics, parse: parse4, run: run2, onThrow }, invocation) {
  let message;
  try {
    message = parse4(JSON.parse(record4.body));
  } catch (error2) {
    throw metrics.add("UnreadableMessages", 1), log.error("A message cannot be read; it goes to the dead-letter queue", fieldsOf(record4, error2)), error2;
  }
  try {
    await run2(message, invocation);
  } catch (error2) {
    if (metrics.add("MessageFailures", 1), log.error(`A message failed; ${onThrow === "retry" ? "it is tried again" : "the due index brings it back"}`, {
      ...fieldsOf(record4, error2)
    }), onThrow === "retry") throw error2;
  }
}
function fieldsOf({ messageId, attributes }, error2) {
  return {
    message_id: messageId,
    receive_count: Number(attributes?.ApproximateReceiveCount ?? 1),
    error: error2 instanceof SyntaxError ? "the body is not JSON" : redact(error2)
  };
}

// functions/handlers/configure.ts
var label3 = z12.string().check(z12.regex(labelPattern)), requestSchema = z12.object({
  version: z12.literal(1),
  tenant: label3,
  integration: label3,
  configurationVersion: z12.int().check(z12.minimum(1))
});
function createConfigureHandler(ports) {
  return createQueueHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse,
    run: (request, { remainingTimeMs }) => configureIntegration(ports, request, { remainingTimeMs: () => remainingTimeMs(), redactText }),
    // Nothing else brings a configuration back.
    onThrow: "retry"
  });
}
function parse(body2) {
  let parsed2 = requestSchema.safeParse(body2);
  if (parsed2.success) return parsed2.data;
  throw new UnreadableItemError("The message is no configuration request of version 1.");
}

// functions/handlers/connect.ts
import * as z14 from "zod/mini";

// functions/core/rfc3339.ts
function rfc3339(epochMs) {
  return new Date(epochMs).toISOString();
}

// functions/core/present-session.ts
function presentSession(session, now) {
  let error2 = sessionErrorOf(session, now), status = sessionStatus(session, now);
  return {
    session_id: session.id,
    status,
    app: session.app,
    tenant: session.tenant,
    integration: session.integration,
    created_at: rfc3339(session.createdAt),
    expires_at: rfc3339(session.expiresAt),
    // Whose connection or identity it is, is nobody's to know before the claim.
    ...status !== "connected" || session.connectionId === void 0 ? {} : { connection_id: session.connectionId },
    ...status !== "signed_in" || session.identity === void 0 ? {} : { identity: presentIdentity(session.identity) },
    ...error2 === void 0 ? {} : { error: { code: error2.code, detail: error2.detail, remedy: error2.remedy } }
  };
}
function presentIdentity({ orgId, userId, username, displayName, email }) {
  return {
    org_id: orgId,
    user_id: userId,
    ...username === void 0 ? {} : { username },
    ...displayName === void 0 ? {} : { display_name: displayName },
    ...email === void 0 ? {} : { email }
  };
}

// functions/flows/claim-session.ts
var turnsAtMost = 2;
async function claimSession(ports, session, claim3) {
  if (!isClaimOf(session, claim3)) return "wrong";
  let { item } = await change(
    ports.store.sessions,
    session.id,
    (current) => {
      let after = current && claimed(current, ports.clock.now());
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.claim`, seen: session }
  ), now = item ?? session;
  for (let turns = 0; turns < turnsAtMost && isToBeLinked(now); turns += 1)
    await linkClaimed(ports, now), now = await ports.store.sessions.read(session.id) ?? now;
  return now;
}
function isToBeLinked({ claimedAt, status }) {
  return claimedAt !== void 0 && status === "authorized";
}
async function linkClaimed(ports, { id, connectionId }) {
  let connection = connectionId === void 0 ? void 0 : await ports.store.connections.read(connectionId);
  connection !== void 0 && await doDuties(ports, ports.store.connections, connection, { link: linkDoer(ports) }, [linkDutyId(id)]);
}

// functions/flows/open-link.ts
async function openLink(ports, linkSecret, cookies) {
  let sessionId = sessionIdOfLinkSecret(linkSecret), known3 = await ports.store.sessions.read(sessionId);
  if (known3 === void 0) return { kind: "unknown" };
  let shown = cookies[cookieName(sessionId)], kept = isBoundBrowser(known3, shown) && sessionStatus(known3, ports.clock.now()) === "pending", cookie = kept ? shown : newSecretText(ports.random), session = kept ? known3 : await bound(ports, known3, cookie);
  if (session === void 0) return { kind: "unknown" };
  let app2 = ports.config.apps[session.app];
  if (app2 === void 0 || sessionStatus(session, ports.clock.now()) !== "pending" || session.binding === void 0) return { kind: "ended", session };
  ports.metrics.add("ConnectLinksOpened", 1);
  let maxAgeSeconds = Math.ceil((session.expiresAt - ports.clock.now()) / 1e3);
  return {
    kind: "go",
    cookie: cookieHeader(sessionId, cookie, maxAgeSeconds),
    location: authorizationUrl(ports, session, app2.clientId, app2.scopes, cookie)
  };
}
async function bound(ports, known3, cookie) {
  let binding = bindingOf(known3.id, cookie, newSecretText(ports.random)), { item } = await change(
    ports.store.sessions,
    known3.id,
    (current) => {
      let after = current && bind(current, binding, ports.clock.now());
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.bind`, seen: known3 }
  );
  return item;
}
function authorizationUrl(ports, session, clientId, scopes, cookie) {
  let url = new URL("/services/oauth2/authorize", session.loginUrl), challenge = session.binding && codeChallengeOf(codeVerifierOf(session.binding, cookie)), parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: `${ports.publicUrl}${callbackPath}`,
    scope: scopes.join(" "),
    state: stateOf(session.id, cookie),
    code_challenge: challenge,
    code_challenge_method: "S256",
    login_hint: session.loginHint
  };
  for (let [name, value] of Object.entries(parameters))
    value !== void 0 && url.searchParams.set(name, value);
  return url.href;
}

// functions/flows/share-connection.ts
var openAtMost = 8;
async function shareConnection(ports, connection, { seenAt = 0, ...use }) {
  let by = newId(ports.random), id = linkDutyId(by), { result, item } = await change(
    ports.store.connections,
    connection.id,
    (current) => {
      if (current?.status !== "active") return { keep: !0, result: "gone" };
      if (openSharesOf(current) >= openAtMost) throw tooManyOpen(current);
      let now = ports.clock.now(), owed = { since: Math.max(now, seenAt), dueAt: now + dutyHeadStartMs, tries: 0 }, duty2 = { kind: "link", sessionId: by, ...use, ...owed };
      return { write: { ...current, duties: { ...current.duties, [id]: duty2 } }, result: "shared" };
    },
    { writeId: `${by}.share`, seen: connection }
  );
  return result === "shared" && item !== void 0 && await doDuties(ports, ports.store.connections, item, { link: linkDoer(ports) }, [id]), result;
}
function openSharesOf({ duties: duties2 }) {
  return Object.values(duties2).filter((duty2) => duty2.kind === "link" && duty2.grant === void 0).length;
}
function tooManyOpen({ id }) {
  return new StoreUnavailableError(
    `Connection ${id} is still to be linked to ${openAtMost} integrations, which is as many as may wait; try again later.`
  );
}

// functions/flows/start-connect.ts
async function startConnect(ports, order3, refusalOf) {
  let asked2 = { expectedOrgId: order3.expectedOrgId };
  if (order3.appConfig.purpose === "sign_in") return newSession(ports, order3, asked2, void 0);
  let before = await ports.store.integrations.read({ tenant: order3.tenant, integration: order3.integration }), linkedId = before?.status === "unlinked" ? void 0 : before?.connectionId, foreign = linkedId === void 0 ? void 0 : refusalOf(linkedId);
  if (foreign !== void 0) return problemOf2(foreign);
  let named = order3.connectionId === void 0 ? void 0 : await namedConnection(ports, order3);
  if (named !== void 0 && "code" in named) return problemOf2(named);
  let linked = named ?? (linkedId && await ports.store.connections.read(linkedId) || void 0);
  if (linked !== void 0 && isEnough(linked, order3)) {
    let connected2 = await alreadyConnected(ports, order3, linked, before);
    if (connected2 !== void 0) return connected2;
  }
  let known3 = named ?? await believedConnection(ports, order3, linked), refused3 = known3 && await refusal2(ports, order3, known3);
  if (refused3 !== void 0) return problemOf2(refused3);
  let expected = {
    expectedOrgId: order3.expectedOrgId ?? (named ?? (order3.reauthorize ? linked : void 0))?.orgId,
    expectedUserId: named?.userId
  };
  return newSession(ports, order3, expected, known3?.id);
}
function problemOf2(problem2) {
  return { kind: "problem", problem: problem2 };
}
async function namedConnection(ports, order3) {
  let id = order3.connectionId ?? "", [connection, uses] = await Promise.all([
    ports.store.connections.read(id),
    ports.store.usesOf(id, 1, order3.tenant)
  ]);
  return connection === void 0 || uses.length === 0 || connection.app !== order3.app ? {
    code: "unknown_connection",
    field: "connection_id",
    detail: `Tenant ${order3.tenant} has no integration on a connection ${id} of app ${order3.app}.`
  } : order3.expectedOrgId !== void 0 && order3.expectedOrgId !== connection.orgId ? {
    code: "invalid_request",
    field: "expected_org_id",
    detail: `connection_id is of org ${connection.orgId}, expected_org_id is ${order3.expectedOrgId}; leave one out.`
  } : connection;
}
async function believedConnection(ports, order3, linked) {
  let hinted = await hintedConnection(ports, order3);
  return hinted !== void 0 ? hinted : mayBeMeant(linked, order3) && isNamedByHint(linked, order3) ? linked : void 0;
}
async function hintedConnection(ports, order3) {
  if (order3.loginHint === void 0) return;
  let id = await ports.store.connectionOfUsername(order3.app, order3.loginHint), connection = id === void 0 ? void 0 : await ports.store.connections.read(id);
  return mayBeMeant(connection, order3) && isNamedByHint(connection, order3) ? connection : void 0;
}
function isNamedByHint({ username }, { loginHint }) {
  return username === void 0 || loginHint === void 0 ? !0 : username.toLowerCase() === loginHint.toLowerCase();
}
function mayBeMeant(connection, order3) {
  return connection?.app !== order3.app ? !1 : order3.expectedOrgId === void 0 || order3.expectedOrgId === connection.orgId;
}
async function refusal2(ports, { app: app2, appConfig, force }, known3) {
  let budget = await keepWithinBudget(ports, known3.id, appConfig.grantLimit);
  if (force || known3.status !== "active" || !isFilledByOrphans(budget)) return;
  let { limit, stored, owed, orphans } = budget;
  return ports.metrics.add("GrantLimitNear", 1), {
    code: "grant_limit_near",
    detail: `User ${known3.userId} of org ${known3.orgId} is believed to have ${stored + orphans} live grants of app ${app2}, and Salesforce keeps ${limit}: one more would end the oldest, which may be the one in use. ${orphans} of them are held by nobody: their authorizations broke off before an answer was kept.`,
    members: {
      budget: { limit, stored, owed, orphans },
      remedy: "Have the user revoke the app's old entries in Salesforce (personal settings, OAuth Connected Apps, or the administrator in Setup, OAuth Usage), or send force: true."
    }
  };
}
function isEnough(connection, order3) {
  return !order3.reauthorize && connection.status === "active" && mayBeMeant(connection, order3);
}
async function alreadyConnected(ports, { tenant, integration, configuration, callerApps }, connection, before) {
  let isLinked = before?.connectionId === connection.id && before.status !== "unlinked";
  if (configuration !== void 0 || !isLinked) {
    let use = { tenant, integration, configuration, takesFrom: callerApps, seenAt: before?.linkedAt };
    if (await shareConnection(ports, connection, use) === "gone") return;
  }
  return ports.metrics.add("ConnectSessionsSpared", 1), { kind: "json", status: 200, body: { status: "connected", connection_id: connection.id } };
}
async function newSession(ports, order3, expected, believedConnectionId) {
  let linkSecret = newSecretText(ports.random), now = ports.clock.now(), session = {
    version: 1,
    revision: 1,
    writeId: newId(ports.random),
    id: sessionIdOfLinkSecret(linkSecret),
    app: order3.app,
    tenant: order3.tenant,
    integration: order3.integration,
    configuration: order3.configuration,
    returnTo: order3.returnTo,
    loginUrl: order3.loginUrl,
    loginHint: order3.loginHint,
    ...expected,
    ledgerId: believedConnectionId ?? attemptsIdOf(order3.app, order3),
    ...order3.appConfig.claim ? { claim: !0 } : {},
    ...order3.callerApps === void 0 ? {} : { takesFrom: order3.callerApps },
    createdAt: now,
    expiresAt: now + 9e5,
    status: "pending",
    duties: {}
  };
  return await ports.store.sessions.create(session), ports.metrics.add("ConnectSessionsStarted", 1), {
    kind: "json",
    status: 201,
    body: {
      session_id: session.id,
      status: "pending",
      connect_url: `${ports.publicUrl}/connect/${linkSecret}`,
      expires_at: rfc3339(session.expiresAt)
    }
  };
}

// functions/handlers/app-access.ts
function forbiddenApp({ appCallers }, request, capability, app2) {
  let allowed = appCallers.allowedApps(request.caller, capability);
  if (allowed === "all" || app2 !== void 0 && allowed.has(app2)) return;
  let about = app2 === void 0 ? "is about all apps" : `is about the app ${app2.slice(0, 31)}`, whose = allowed.size === 0 ? "none" : `these only: ${[...allowed].toSorted().join(", ")}`;
  return { code: "forbidden", detail: `${`This request ${about}; of apps that the caller may ${words2[capability]}, there are ${whose}.`} Name one of them, or ask the deployer for a grant of more.` };
}
function forbiddenConnection(ports, request, capability, connectionId) {
  return forbiddenApp(ports, request, capability, parseConnectionId(connectionId)?.app);
}
var words2 = {
  read: "read",
  connect: "connect and configure",
  admin: "disconnect and unlink"
};

// functions/handlers/request-fields.ts
import * as z13 from "zod/mini";
var label4 = z13.string().check(
  z13.regex(labelPattern, "must match [A-Za-z0-9._-]{1,128}"),
  z13.refine((text4) => text4 !== "." && text4 !== "..", "must be neither . nor ..: no URL could name it")
);
function problemResponse(problem2) {
  return { kind: "problem", problem: problem2 };
}
function invalid2(field, detail) {
  return { code: "invalid_request", field, detail: `${field} ${detail}` };
}
function judgeBody(schema2, body2) {
  let parsed2 = schema2.safeParse(body2);
  if (parsed2.success) return { ok: !0, value: parsed2.data };
  let issue = parsed2.error.issues[0];
  if (issue === void 0) return { ok: !1, problem: invalid2("body", "is not valid") };
  let path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    let field = [...path, issue.keys[0] ?? ""].join(".").slice(0, 100);
    return { ok: !1, problem: invalid2(field, "is not a field of this request; leave it out") };
  }
  return { ok: !1, problem: invalid2(path.join(".") || "body", `is not valid: ${issue.message}`) };
}
function judgeQuery(query, names) {
  let value = {};
  for (let name of new Set(query.keys())) {
    let parameter = names.find((one) => one === name);
    if (parameter === void 0) {
      let detail = `is not known here; ${names.length === 0 ? "this route takes no query" : `known are ${names.join(", ")}`}`;
      return { ok: !1, problem: invalid2(`query.${name.slice(0, 64)}`, detail) };
    }
    let values = query.getAll(name);
    if (values.length > 1)
      return { ok: !1, problem: invalid2(`query.${name}`, `is given ${values.length} times; give it once`) };
    value[parameter] = values[0];
  }
  return { ok: !0, value };
}
function judgeConnectionRoute(request) {
  return judgeConnectionQuery(request, ["tenant"]);
}
function judgeForcedConnectionRoute(request) {
  return judgeConnectionQuery(request, ["tenant", "force"]);
}
function judgeConnectionQuery(request, names) {
  let query = judgeQuery(request.query, names);
  if (!query.ok) return query;
  let { tenant, force = "false" } = query.value;
  if (tenant !== void 0 && !labelPattern.test(tenant))
    return { ok: !1, problem: invalid2("query.tenant", "must match [A-Za-z0-9._-]{1,128}") };
  if (force !== "true" && force !== "false")
    return { ok: !1, problem: invalid2("query.force", `must be true or false; got ${force.slice(0, 20)}`) };
  let connectionId = request.pathParameters.id ?? "";
  return parseConnectionId(connectionId) === void 0 ? { ok: !1, problem: { code: "unknown_connection", detail: "There is no such connection: a connection id is <app>.<org id>.<user id>, ids of 18 characters." } } : { ok: !0, value: { connectionId, tenant, force: force === "true" } };
}

// functions/handlers/configuration-field.ts
var configurationBytesAtMost = 16 * 1024;
function judgeConfiguration(value) {
  if (value === void 0)
    return { ok: !1, problem: invalid2("configuration", "is missing: any JSON value, null too, of at most 16 KB") };
  let text4 = JSON.stringify(value), bytes = Buffer.byteLength(text4);
  return bytes > configurationBytesAtMost ? { ok: !1, problem: tooLarge2(bytes) } : { ok: !0, value: text4 };
}
function tooLarge2(bytes) {
  let detail = `may have ${configurationBytesAtMost} bytes as JSON, it has ${bytes}; keep the rest on your side`;
  return { ...invalid2("configuration", detail), code: "too_large" };
}

// functions/handlers/connect.ts
var wellFormed = z14.refine((text4) => text4.isWellFormed(), "must be well-formed Unicode"), shortText2 = z14.string().check(z14.minLength(1), z14.maxLength(2048), wellFormed), order = z14.strictObject({
  app: z14.string(),
  tenant: label4,
  integration: label4,
  configuration: z14.optional(z14.unknown()),
  return_to: z14.optional(shortText2),
  login_url: z14.optional(shortText2),
  login_hint: z14.optional(z14.string().check(z14.minLength(1), z14.maxLength(256), wellFormed)),
  expected_org_id: z14.optional(
    z14.string().check(z14.regex(orgIdPattern, "must be an organization id of 18 characters, beginning with 00D"))
  ),
  connection_id: z14.optional(z14.string().check(z14.maxLength(128), wellFormed)),
  reauthorize: z14.optional(z14.boolean()),
  force: z14.optional(z14.boolean())
});
function createConnectHandler(ports) {
  let pages = createPages(ports.config.brand);
  return createHttpHandler({
    functionName: "connect",
    log: ports.log,
    metrics: ports.metrics,
    handlers: {
      "POST /connect-sessions": (request) => start(ports, request),
      "GET /connect-sessions/{id}": (request) => show(ports, request),
      "POST /connect-sessions/{id}/claim": (request) => claim(ports, request),
      "GET /connect/{secret}": (request) => pages.whileUnavailable(() => open2(ports, pages, request))
    }
  });
}
async function start(ports, request) {
  let query = judgeQuery(request.query, []);
  if (!query.ok) return problemResponse(query.problem);
  let body2 = judgeBody(order, request.body);
  if (!body2.ok) return problemResponse(body2.problem);
  let forbidden = forbiddenApp(ports, request, "connect", body2.value.app);
  if (forbidden !== void 0) return problemResponse(forbidden);
  let judged = judgeOrder(ports, body2.value);
  if (!judged.ok) return problemResponse(judged.problem);
  let apps = ports.appCallers.allowedApps(request.caller, "connect"), callerApps = apps === "all" ? void 0 : [...apps];
  return startConnect(
    ports,
    { ...judged.value, callerApps },
    (id) => forbiddenConnection(ports, request, "connect", id)
  );
}
function judgeOrder(ports, body2) {
  let { app: app2, configuration, return_to, login_url, ...rest } = body2, { apps, salesforceOrigin, loopbackReturnTo } = ports.config, appConfig = Object.hasOwn(apps, app2) ? apps[app2] : void 0;
  if (appConfig === void 0) {
    let known3 = Object.keys(apps).join(", ");
    return { ok: !1, problem: invalid2("app", `must be one of the configuration's apps: ${known3}`) };
  }
  if (appConfig.flow !== "authorization_code") {
    let detail = `needs no browser: its flow is ${appConfig.flow}; make the connection by POST /connections`;
    return { ok: !1, problem: invalid2("app", detail) };
  }
  let kept = configuration === void 0 ? void 0 : judgeConfiguration(configuration);
  if (kept?.ok === !1) return kept;
  if (return_to !== void 0 && !isAllowedReturnTo(return_to, appConfig.returnTo, loopbackReturnTo)) {
    let detail = `must match an address of apps.${app2}.returnTo in the configuration by origin and path, without a fragment`;
    return { ok: !1, problem: invalid2("return_to", detail) };
  }
  let unfit = unfitField(app2, appConfig, body2);
  if (unfit !== void 0) return { ok: !1, problem: unfit };
  let loginUrl = loginOrigin(login_url ?? appConfig.loginUrl, salesforceOrigin);
  return loginUrl === void 0 ? { ok: !1, problem: invalid2("login_url", "must be an https origin of Salesforce, e.g. https://test.salesforce.com, without a path") } : {
    ok: !0,
    value: {
      app: app2,
      appConfig,
      tenant: rest.tenant,
      integration: rest.integration,
      configuration: kept?.value,
      returnTo: return_to,
      loginUrl,
      loginHint: rest.login_hint,
      expectedOrgId: rest.expected_org_id,
      connectionId: rest.connection_id,
      reauthorize: rest.reauthorize ?? !1,
      force: rest.force ?? !1
    }
  };
}
function unfitField(app2, { purpose, claim: claims }, body2) {
  if (claims && body2.return_to === void 0) {
    let detail = `is required: app ${app2} does nothing before the session is claimed, and the claim comes back with the browser; give an address, or set apps.${app2}.claim to false`;
    return invalid2("return_to", detail);
  }
  if (purpose === "api") return;
  let field = ["connection_id", "configuration", "reauthorize"].find((name) => body2[name] !== void 0);
  return field && invalid2(field, `is not for a sign-in app: ${app2} keeps no connection; leave it out`);
}
async function show(ports, request) {
  let found = await sessionOf(ports, request);
  return found.ok ? { kind: "json", status: 200, body: presentSession(found.value, ports.clock.now()) } : problemResponse(found.problem);
}
async function sessionOf(ports, request) {
  let query = judgeQuery(request.query, []);
  if (!query.ok) return query;
  let id = request.pathParameters.id ?? "", session = sessionIdPattern.test(id) ? await ports.store.sessions.read(id) : void 0;
  if (session !== void 0) {
    let forbidden = forbiddenApp(ports, request, "connect", session.app);
    return forbidden === void 0 ? { ok: !0, value: session } : { ok: !1, problem: forbidden };
  }
  return { ok: !1, problem: { code: "unknown_session", detail: "There is no such connect session; its id is the session_id that POST /connect-sessions answered." } };
}
var claimBody = z14.strictObject({ claim: z14.string().check(z14.minLength(1), z14.maxLength(256)) });
async function claim(ports, request) {
  let body2 = judgeBody(claimBody, request.body);
  if (!body2.ok) return problemResponse(body2.problem);
  let found = await sessionOf(ports, request);
  if (!found.ok) return problemResponse(found.problem);
  let outcome2 = await claimSession(ports, found.value, body2.value.claim);
  return outcome2 === "wrong" ? problemResponse(invalid2("claim", "is not the claim of this session: take it from the query of the address that the browser came back to, and only where the user who began the session is the one logged in")) : { kind: "json", status: 200, body: presentSession(outcome2, ports.clock.now()) };
}
async function open2(ports, pages, request) {
  let opening = await openLink(ports, request.pathParameters.secret ?? "", request.cookies);
  switch (opening.kind) {
    case "go":
      return { kind: "redirect", status: 302, location: opening.location, cookies: [opening.cookie] };
    case "unknown":
      return pages.unknownLink();
    case "ended":
      return pages.outcome(opening.session, ports.clock.now());
  }
}

// functions/core/connection-sharing.ts
function sharingOf(connection, uses, tenant) {
  let others = [.../* @__PURE__ */ new Set([...uses.map((use) => use.tenant), ...tenantsToCome(connection)])].filter((one) => one !== tenant).sort(), more = uses.length >= 1e3;
  return more || others.length > (tenant === void 0 ? 1 : 0) ? { others, more } : void 0;
}
function connectionShared(connectionId, sharing, tenant) {
  return {
    code: "connection_shared",
    detail: `Connection ${connectionId} is used by ${usersOf(sharing, tenant)}: a disconnect would take it from all. Unlink single integrations by DELETE /integrations/{tenant}/{integration}, or repeat with force=true.`,
    members: { other_tenants: countOf(sharing, tenant) }
  };
}
function countOf({ others }, tenant) {
  return Math.max(1, tenant === void 0 ? others.length - 1 : others.length);
}
function usersOf({ others, more }, tenant) {
  if (tenant === void 0) {
    let named = others.slice(0, 10).join(", ");
    return more || others.length > 10 ? `the tenants ${named} and more` : `the tenants ${named}`;
  }
  return more ? "more than 999 integrations, other tenants' maybe among them" : `${others.length} other ${others.length === 1 ? "tenant" : "tenants"} too`;
}
function tenantsToCome({ duties: duties2 }) {
  return Object.values(duties2).flatMap((duty2) => duty2.kind === "link" ? [duty2.tenant] : []);
}

// functions/core/present-grants.ts
function presentGrants(connection, book) {
  let { ledger, limit } = book;
  return {
    grants: grantsOf(connection, book).map(present),
    ...ledger?.comparison === void 0 ? {} : { grants_at_salesforce: presentComparison(ledger.comparison) },
    ...limit === void 0 ? {} : { grant_budget: presentBudget(connection, book, limit) }
  };
}
function presentBudget(connection, { ledger, now }, limit) {
  let { stored, owed, orphans } = budgetOf(connection, ledger, limit, now);
  return { limit, believed: stored + owed + orphans };
}
function grantsOf(connection, { ledger, now }) {
  let owed = revocationsOf(connection), entered = (ledger?.entries ?? []).map((entry) => ({ ...{ ...entry, outcome: outcomeOf(entry, now), current: !1 }, revocationDueAt: owed.get(entry.id)?.dueAt })), ids = new Set(entered.map(({ id }) => id));
  return [...entered, ...missingIn(connection, owed).filter(({ id }) => !ids.has(id))].map((one) => one.id === connection.grant?.id ? asCurrent(one, connection, connection.grant) : one).sort((a, b) => b.begunAt - a.begunAt || Number(b.current) - Number(a.current));
}
function asCurrent({ id, begunAt, settledAt, fingerprint, outcome: outcome2 }, { authorizedAt }, { refreshes }) {
  return { id, outcome: "stored", current: !0, begunAt, authorizedAt, ...outcome2 === "stored" ? { settledAt } : {}, fingerprint, refreshes };
}
function missingIn({ grant: grant2, authorizedAt }, owed) {
  let stored = grant2 === void 0 ? [] : [{ id: grant2.id, outcome: "stored", current: !0, begunAt: authorizedAt, authorizedAt }], others = [...owed.values()].map(({ grantId, reason, since, dueAt }) => {
    let superseded = reason === "superseded";
    return { id: grantId, outcome: superseded || reason === "disconnected" ? "stored" : "refused", current: !1, begunAt: since, supersededAt: superseded ? since : void 0, revocationDueAt: dueAt };
  });
  return [...stored, ...others.filter(({ id }) => id !== grant2?.id)];
}
function revocationsOf({ duties: duties2 }) {
  let found = Object.values(duties2).flatMap(
    (duty2) => duty2.kind === "revoke" ? [[duty2.grantId, duty2]] : []
  );
  return new Map(found);
}
function present(grant2) {
  return withoutUndefined2({
    id: grant2.id,
    outcome: grant2.outcome,
    current: grant2.current,
    begun_at: rfc3339(grant2.begunAt),
    authorized_at: instant(grant2.authorizedAt),
    settled_at: instant(grant2.settledAt),
    reason: grant2.reason,
    fingerprint: grant2.fingerprint,
    refreshes: grant2.refreshes,
    superseded_at: instant(grant2.supersededAt),
    revoked_at: instant(grant2.revokedAt),
    revocation_due_at: instant(grant2.revocationDueAt),
    revocation_given_up_at: instant(grant2.givenUpAt)
  });
}
function presentComparison(comparison2) {
  let { at, listed, held, note } = comparison2;
  return withoutUndefined2({
    compared_at: rfc3339(at),
    summary: comparisonSummary(comparison2),
    listed,
    held,
    not_held: listed === void 0 || held === void 0 ? void 0 : Math.max(0, listed - held),
    note
  });
}
function instant(at) {
  return at === void 0 ? void 0 : rfc3339(at);
}
function withoutUndefined2(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== void 0));
}

// functions/core/present-integration.ts
function presentIntegration(integration) {
  let { tenant, integration: name, status, reason, configurationVersion } = integration;
  return {
    tenant,
    integration: name,
    status,
    ...reason === void 0 ? {} : { reason },
    configuration_version: configurationVersion
  };
}
function presentIntegrationInFull(integration, connection) {
  let { connectionId, linkedAt, configuredAt } = integration;
  return {
    ...presentIntegration(integration),
    connection_id: connectionId,
    ...connection === void 0 ? {} : { connection_status: connection.status },
    linked_at: rfc3339(linkedAt),
    ...configuredAt === void 0 ? {} : { configured_at: rfc3339(configuredAt) }
  };
}

// functions/core/present-connection.ts
function presentConnection(connection) {
  let { grant: grant2 } = connection;
  return {
    id: connection.id,
    app: connection.app,
    flow: connection.flow,
    org_id: connection.orgId,
    user_id: connection.userId,
    ...present2("username", connection.username),
    status: connection.status,
    ...present2("cause", connection.cause),
    authorized_at: rfc3339(connection.authorizedAt),
    ...grant2 === void 0 ? {} : presentGrant(grant2),
    ...connection.nextRefreshAt === void 0 ? {} : { next_refresh_at: rfc3339(connection.nextRefreshAt) }
  };
}
function presentGrant(grant2) {
  let { lastFailure } = grant2;
  return {
    instance_url: grant2.instanceUrl,
    scopes: grant2.scopes,
    refreshed_at: rfc3339(grant2.refreshedAt),
    expires_at: rfc3339(grant2.expiresAt),
    ...lastFailure === void 0 ? {} : {
      last_failure: {
        at: rfc3339(lastFailure.at),
        class: lastFailure.class,
        error: lastFailure.error,
        description: lastFailure.description
      }
    }
  };
}
function presentConnectionInFull(connection, integrations, book) {
  return {
    ...presentConnection(connection),
    integrations: integrations.map(presentIntegration),
    ...presentGrants(connection, book)
  };
}
function present2(name, value) {
  return value === void 0 ? {} : { [name]: value };
}

// functions/flows/disconnect.ts
async function disconnect(ports, connectionId, tenant, force = !1) {
  if (tenant !== void 0 && (await ports.store.usesOf(connectionId, 1, tenant)).length === 0) return "unknown";
  let result = force ? await disconnectAnyway(ports, connectionId) : await disconnectOwn(ports, connectionId, tenant);
  result === "disconnected" && ports.metrics.add("Disconnected", 1);
  let shown = typeof result == "string" ? result : result.kind;
  return ports.log.info("A disconnect was asked.", { connection_id: connectionId, result: shown }), result;
}
async function disconnectAnyway(ports, connectionId) {
  let { result } = await change(
    ports.store.connections,
    connectionId,
    (current) => current === void 0 ? { keep: !0, result: "unknown" } : disconnected(ports, current),
    { writeId: `${newId(ports.random)}.disconnect` }
  );
  return result;
}
async function disconnectOwn(ports, connectionId, tenant) {
  return (await changeByUses(
    ports,
    connectionId,
    (current, uses) => {
      let sharing = sharingOf(current, uses, tenant);
      return sharing === void 0 ? disconnected(ports, current) : { keep: !0, result: { kind: "shared", sharing } };
    },
    { limit: 1e3, writeId: `${newId(ports.random)}.disconnect` }
  ))?.result ?? "unknown";
}
function disconnected({ clock }, current) {
  return { write: decideDisconnect(current, clock.now()), result: "disconnected" };
}

// functions/flows/list-connections.ts
async function listConnections(ports, filter, limit, cursor, known3) {
  let apps = filter.app === void 0 ? known3.toSorted() : [filter.app];
  if (apps.length === 0) return { items: [] };
  let place = cursor === void 0 ? { app: apps[0], inner: void 0 } : parseCursor(cursor), first = apps.indexOf(place.app ?? "");
  if (first < 0) throw new InvalidCursorError("The cursor names an app that this list does not have.");
  let items = [], inner = place.inner;
  for (let [index, app2] of apps.slice(first).entries()) {
    let page2 = await ports.store.listConnections({ ...filter, app: app2 }, limit - items.length, inner);
    if (items.push(...page2.items), page2.cursor !== void 0) return { items, cursor: cursorText(app2, page2.cursor) };
    inner = void 0;
    let next2 = apps[first + index + 1];
    if (items.length >= limit && next2 !== void 0) return { items, cursor: cursorText(next2, void 0) };
  }
  return { items };
}
function cursorText(app2, inner) {
  return `${app2}.${inner ?? ""}`;
}
function parseCursor(cursor) {
  let [app2, inner] = cursor.split(".", 2);
  return { app: app2, inner: inner || void 0 };
}

// functions/flows/show-connection.ts
var usesShown = 100;
async function showConnection({ store: store2, config: config2, clock }, connectionId, tenant) {
  let [connection, uses, ledger] = await Promise.all([
    store2.connections.read(connectionId),
    store2.usesOf(connectionId, usesShown, tenant),
    store2.ledgers.read(connectionId)
  ]);
  if (connection === void 0 || tenant !== void 0 && uses.length === 0) return;
  let integrations = (await Promise.all(uses.map((use) => store2.integrations.read(use)))).flatMap(
    (one) => one?.connectionId === connectionId && one.status !== "unlinked" ? [one] : []
  ), limit = connection.flow === "authorization_code" ? config2.apps[connection.app]?.grantLimit : void 0;
  return presentConnectionInFull(connection, integrations, { ledger, limit, now: clock.now() });
}

// functions/handlers/integrations.ts
import * as z15 from "zod/mini";

// functions/flows/reconfigure-integration.ts
async function reconfigureIntegration(ports, key, configuration, refusalOf) {
  let { result } = await change(
    ports.store.integrations,
    key,
    (current) => {
      if (current === void 0 || current.status === "unlinked") return { keep: !0, result: { kind: "unknown" } };
      let problem2 = refusalOf(current.connectionId);
      if (problem2 !== void 0) return { keep: !0, result: { kind: "refused", problem: problem2 } };
      let after = decideReconfigure(current, configuration);
      return { write: after, result: { kind: "queued", version: after.configurationVersion } };
    },
    { writeId: `${newId(ports.random)}.reconfigure` }
  );
  return result.kind === "queued" ? queue(ports, key, result) : result;
}
async function queue(ports, key, queued) {
  try {
    return await ports.configurationQueue.send({ version: 1, ...key, configurationVersion: queued.version }), ports.metrics.add("ConfigurationsQueued", 1), queued;
  } catch (error2) {
    return ports.log.error("A configuration was stored, and its step could not be queued.", { ...key, error: error2 }), { kind: "refused", problem: { code: "store_unavailable", detail: `The configuration is stored as version ${queued.version}, but the queue did not take its step; repeat the request.`, retryAfterSeconds: 5 } };
  }
}

// functions/flows/show-integration.ts
async function showIntegration({ store: store2 }, key) {
  let integration = await store2.integrations.read(key);
  if (!(integration === void 0 || integration.status === "unlinked"))
    return { integration, connection: await store2.connections.read(integration.connectionId) };
}

// functions/flows/unlink-duty.ts
var lookAgainMs = 6e4;
function unlinkDoer(ports) {
  return async (connection, { tenant, integration, since }) => (await takeBack(ports, connection.id, { tenant, integration }, since), disconnectIfUnused(ports, connection.id, since));
}
async function takeBack(ports, connectionId, key, at) {
  let { item } = await change(
    ports.store.integrations,
    key,
    (current) => {
      let after = current && decideUnlink(current, connectionId, at);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.unlink` }
  ), { left } = await settleUses(ports, key, [connectionId]);
  item !== void 0 && await leaveOthers(ports, left, connectionId, item);
}
async function disconnectIfUnused(ports, connectionId, at) {
  let changed = await changeByUses(
    ports,
    connectionId,
    (current, uses) => uses.length > 0 ? { keep: !0, result: "used" } : current.grant === void 0 ? { keep: !0, result: "gone" } : hasOpenLink(current.duties) ? { keep: !0, result: "to_be_linked" } : { write: decideDisconnect(current, ports.clock.now(), at), result: "disconnected" },
    { limit: 1, writeId: `${newId(ports.random)}.unused` }
  );
  return changed?.result === "to_be_linked" ? { kind: "wait", until: ports.clock.now() + lookAgainMs } : (changed?.result === "disconnected" && (ports.log.info("A connection was disconnected: its last integration was unlinked.", {
    connection_id: connectionId
  }), ports.metrics.add("Disconnected", 1)), "done");
}

// functions/flows/unlink-integration.ts
var roundsAtMost = 5;
async function unlinkIntegration(ports, key, refusalOf) {
  let at;
  for (let rounds = 0; rounds < roundsAtMost; rounds += 1) {
    let integration = await ports.store.integrations.read(key);
    if (integration === void 0) return { kind: "unknown" };
    let problem2 = refusalOf(integration.connectionId);
    if (problem2 !== void 0) return { kind: "refused", problem: problem2 };
    if (at ??= Math.max(ports.clock.now(), integration.linkedAt), integration.status === "unlinked" && integration.linkedAt === at || integration.linkedAt > at) return { kind: "unlinked" };
    integration.status === "unlinked" ? await takeBack(ports, integration.connectionId, key, at) : await unlinkFrom(ports, integration.connectionId, key, at);
  }
  throw new StoreUnavailableError(
    `The integration ${key.tenant}/${key.integration} was moved ${roundsAtMost} times while it was unlinked; try again.`
  );
}
async function unlinkFrom(ports, connectionId, key, at) {
  let step = newId(ports.random), id = `unlink.${step}`, dueAt = ports.clock.now() + dutyHeadStartMs, duty2 = { kind: "unlink", ...key, since: at, dueAt, tries: 0 }, { item } = await change(
    ports.store.connections,
    connectionId,
    (current) => current === void 0 ? { keep: !0, result: void 0 } : { write: { ...current, duties: { ...current.duties, [id]: duty2 } }, result: void 0 },
    { writeId: `${step}.unlink` }
  );
  item === void 0 ? await takeBack(ports, connectionId, key, at) : await doDuties(ports, ports.store.connections, item, { unlink: unlinkDoer(ports) }, [id]);
}

// functions/handlers/integrations.ts
var order2 = z15.strictObject({ configuration: z15.optional(z15.unknown()) });
function integrationRoutes(ports) {
  return {
    "GET /integrations/{tenant}/{integration}": (request) => show2(ports, request),
    "DELETE /integrations/{tenant}/{integration}": (request) => unlink(ports, request),
    "PUT /integrations/{tenant}/{integration}/configuration": (request) => configure(ports, request)
  };
}
async function show2(ports, request) {
  let key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  let shown = await showIntegration(ports, key.value);
  if (shown === void 0) return unknownIntegration(key.value);
  let { integration, connection } = shown, forbidden = forbiddenConnection(ports, request, "read", integration.connectionId);
  return forbidden !== void 0 ? problemResponse(forbidden) : { kind: "json", status: 200, body: presentIntegrationInFull(integration, connection) };
}
async function unlink(ports, request) {
  let key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  let unlinking = await unlinkIntegration(ports, key.value, refusal3(ports, request, "admin"));
  switch (unlinking.kind) {
    case "unlinked":
      return { kind: "no_content" };
    case "unknown":
      return unknownIntegration(key.value);
    case "refused":
      return problemResponse(unlinking.problem);
  }
}
async function configure(ports, request) {
  let key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  let body2 = judgeBody(order2, request.body);
  if (!body2.ok) return problemResponse(body2.problem);
  let configuration = judgeConfiguration(body2.value.configuration);
  if (!configuration.ok) return problemResponse(configuration.problem);
  let result = await reconfigureIntegration(
    ports,
    key.value,
    configuration.value,
    refusal3(ports, request, "connect")
  );
  switch (result.kind) {
    case "queued":
      return { kind: "json", status: 202, body: { configuration_version: result.version } };
    case "unknown":
      return unknownIntegration(key.value);
    case "refused":
      return problemResponse(result.problem);
  }
}
function refusal3(ports, request, capability) {
  return (connectionId) => forbiddenConnection(ports, request, capability, connectionId);
}
function judgeKey(request) {
  let query = judgeQuery(request.query, []);
  if (!query.ok) return query;
  let { tenant = "", integration = "" } = request.pathParameters;
  return labelPattern.test(tenant) && labelPattern.test(integration) ? { ok: !0, value: { tenant, integration } } : { ok: !1, problem: { code: "unknown_integration", detail: "There is no such integration: tenant and integration match [A-Za-z0-9._-]{1,128}." } };
}
function unknownIntegration({ tenant, integration }) {
  let detail = `There is no integration ${integration} of tenant ${tenant}; a connect session (POST /connect-sessions) links it.`;
  return problemResponse({ code: "unknown_integration", detail });
}

// functions/handlers/connections.ts
var defaultLimit = 50;
function createConnectionsHandler(ports) {
  return createHttpHandler({
    functionName: "connections",
    log: ports.log,
    metrics: ports.metrics,
    handlers: {
      "GET /connections": (request) => list(ports, request),
      "GET /connections/{id}": (request) => show3(ports, request),
      "DELETE /connections/{id}": (request) => remove(ports, request),
      ...integrationRoutes(ports)
    }
  });
}
async function list(ports, request) {
  let order3 = judgeList(request.query);
  if (!order3.ok) return problemResponse(order3.problem);
  let { filter, limit, cursor } = order3.value, allowed = allowedApps(ports, request, filter.app);
  if (!allowed.ok) return problemResponse(allowed.problem);
  try {
    let page2 = await listConnections(ports, filter, limit, cursor, allowed.value), next2 = page2.cursor === void 0 ? {} : { next_cursor: page2.cursor };
    return { kind: "json", status: 200, body: { connections: page2.items.map(presentConnection), ...next2 } };
  } catch (error2) {
    if (!(error2 instanceof InvalidCursorError)) throw error2;
    return problemResponse(invalid2("query.cursor", "is no next_cursor of this list; begin without one"));
  }
}
function allowedApps(ports, request, app2) {
  let known3 = Object.keys(ports.config.apps), allowed = ports.appCallers.allowedApps(request.caller, "read");
  if (allowed === "all") return { ok: !0, value: known3 };
  let own = known3.filter((one) => allowed.has(one)), problem2 = app2 === void 0 && own.length > 0 ? void 0 : forbiddenApp(ports, request, "read", app2);
  return problem2 === void 0 ? { ok: !0, value: own } : { ok: !1, problem: problem2 };
}
function judgeList(query) {
  let judged = judgeQuery(query, ["app", "org_id", "status", "limit", "cursor"]);
  if (!judged.ok) return judged;
  let { app: app2, org_id: orgId, status: statusText, limit: limitText, cursor } = judged.value, status = connectionStatuses.find((one) => one === statusText), limit = limitText === void 0 ? defaultLimit : Number(limitText), problem2 = app2 !== void 0 && !appPattern.test(app2) && invalid2("query.app", "must match [a-z][a-z0-9-]{0,30}") || orgId !== void 0 && !orgIdPattern.test(orgId) && invalid2("query.org_id", "must be an org id of 18 characters") || statusText !== void 0 && status === void 0 && invalid2("query.status", `must be one of ${connectionStatuses.join(", ")}`) || !(/^\d{1,3}$/.test(limitText ?? "50") && limit >= 1 && limit <= 100) && invalid2("query.limit", `must be a whole number from 1 to 100; got ${limitText?.slice(0, 20)}`) || cursor !== void 0 && cursor.length > 2048 && invalid2("query.cursor", "is no next_cursor of this list");
  return problem2 ? { ok: !1, problem: problem2 } : { ok: !0, value: { filter: { app: app2, orgId, status }, limit, cursor } };
}
async function show3(ports, request) {
  let route = judgeConnectionRoute(request);
  if (!route.ok) return problemResponse(route.problem);
  let { connectionId, tenant } = route.value, forbidden = forbiddenConnection(ports, request, "read", connectionId);
  if (forbidden !== void 0) return problemResponse(forbidden);
  let shown = await showConnection(ports, connectionId, tenant);
  return shown !== void 0 ? { kind: "json", status: 200, body: shown } : unknownConnection(connectionId, tenant);
}
async function remove(ports, request) {
  let route = judgeForcedConnectionRoute(request);
  if (!route.ok) return problemResponse(route.problem);
  let { connectionId, tenant, force } = route.value, forbidden = forbiddenConnection(ports, request, "admin", connectionId);
  if (forbidden !== void 0) return problemResponse(forbidden);
  let outcome2 = await disconnect(ports, connectionId, tenant, force);
  return outcome2 === "unknown" ? unknownConnection(connectionId, tenant) : outcome2 === "disconnected" ? { kind: "no_content" } : problemResponse(connectionShared(connectionId, outcome2.sharing, tenant));
}
function unknownConnection(connectionId, tenant) {
  let whose = tenant === void 0 ? "" : ` with an integration of tenant ${tenant}`, detail = `There is no connection ${connectionId}${whose}.`;
  return problemResponse({ code: "unknown_connection", detail });
}

// functions/handlers/jwt-bearer.ts
import * as z16 from "zod/mini";

// functions/core/introduction.ts
function introductionIdOf(app2, loginUrl, username) {
  return sha256Base64url(`introduction.${app2}.${loginUrl}.${username?.toLowerCase() ?? ""}`);
}

// functions/core/introduction-step.ts
function decideIntroduction(current, id, attemptId, loginsPerHour, now, ofConnection) {
  let { lease, logins: logins2 } = current ?? {};
  if (lease !== void 0 && lease.until > now)
    return lease.attempt === attemptId ? { kind: "asking" } : { kind: "wait", attempt: lease.attempt };
  let at = Math.max(nextLoginAt(logins2, loginsPerHour, now), nextLoginAt(ofConnection, loginsPerHour, now));
  return at > now ? { kind: "paced", until: at } : { kind: "ask", after: {
    ...{ version: 1, revision: 0, writeId: "", ...current },
    id,
    lease: { attempt: attemptId, until: now + 75e3 },
    logins: withLogin(logins2, now)
  } };
}
function endIntroduction(current, attemptId, end2, now) {
  if (current.lease?.attempt === attemptId)
    return "connectionId" in end2 ? { ...current, lease: void 0, lastFailure: void 0, connectionId: end2.connectionId } : { ...current, lease: void 0, lastFailure: { at: now, attempt: attemptId, ...end2 } };
}

// functions/core/assertion.ts
var assertionLifetimeMs = 15e4;
function signingInput({ clientId, username, audience, id, now }) {
  let header = { alg: "RS256", typ: "JWT" }, expiresAtEpochSeconds = Math.floor((now + assertionLifetimeMs) / 1e3), payload = { iss: clientId, sub: username, aud: audience, exp: expiresAtEpochSeconds, jti: id };
  return `${encoded(header)}.${encoded(payload)}`;
}
function assertionOf(input, signature) {
  return new Secret(`${input}.${Buffer.from(signature).toString("base64url")}`);
}
function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

// functions/core/audience.ts
function audienceOf({ audience }, loginUrl) {
  return audience !== void 0 && pairMessage(audience, loginUrl) === void 0 ? audience : hostKindOf(loginUrl) !== "instance" ? loginUrl : environmentOf(loginUrl) === "test" ? testAudience : productionAudience;
}
var productionAudience = "https://login.salesforce.com", testAudience = "https://test.salesforce.com";
function pairMessage(audience, loginUrl) {
  let [of, at] = [hostKindOf(audience), hostKindOf(loginUrl)];
  if (of === void 0 && originOf(audience) !== originOf(loginUrl))
    return `is none of Salesforce's hosts, and not that of the loginUrl ${loginUrl}; got ${audience}`;
  if (of === at && (of === "my_domain" || of === "site") && originOf(audience) !== originOf(loginUrl))
    return `is another org's than the loginUrl ${loginUrl}; got ${audience}`;
  let [meant, asked2] = [environmentOf(audience), environmentOf(loginUrl)];
  if (meant === void 0 || asked2 === void 0 || meant === asked2) return;
  let right = asked2 === "test" ? testAudience : productionAudience;
  return `does not fit the loginUrl ${loginUrl}, ${environments[asked2]}: set ${right}, or leave it out; got ${audience}`;
}
var environments = { production: "where production orgs log in", test: "where sandboxes log in" }, testPartition = /\.(?:sandbox|scratch)\.my\./, productionPartition = /\.(?:develop|trailblaze)\.my\./, testName = /^(?:[a-z0-9-]+--[a-z0-9-]+\.my\.|cs[0-9]+\.salesforce\.com$)/, productionName = /^(?:na|eu|ap)[0-9]+\.salesforce\.com$/;
function environmentOf(url) {
  if (hostKindOf(url) === void 0) return;
  let host = URL.parse(url)?.hostname ?? "";
  if (host === "login.salesforce.com" || productionPartition.test(host) || productionName.test(host))
    return "production";
  if (host === "test.salesforce.com" || testPartition.test(host) || testName.test(host)) return "test";
}
function originOf(url) {
  return URL.parse(url)?.origin;
}

// functions/flows/ask-by-assertion.ts
function createAssertions(ports) {
  let askedFirst = /* @__PURE__ */ new Map();
  async function signed(order3) {
    let { name, app: app2, username, loginUrl } = order3, keys = await ports.signingKeys.of(name), first = askedFirst.get(name), ordered = [...keys].sort((a, b) => +(b.id === first) - +(a.id === first)).slice(0, 2), audience = audienceOf(app2, loginUrl), make = async (key) => {
      let now = ports.clock.now(), input = signingInput({ clientId: app2.clientId, username, audience, id: newId(ports.random), now });
      return { keyId: key.id, assertion: assertionOf(input, await key.sign(input)) };
    }, tried = await Promise.allSettled(ordered.map(make)), made2 = tried.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
    if (made2.length === 0) throw tried.find((one) => one.status === "rejected")?.reason;
    return { order: order3, made: made2 };
  }
  return { signed, askFirst: (app2, keyId) => {
    askedFirst.set(app2, keyId);
  } };
}
async function askByAssertion(ports, assertions, { order: order3, made: made2 }, timeIsLeft) {
  let [first, other] = made2;
  if (first === void 0) return { kind: "no_answer", reason: "nothing was signed" };
  let judged = await send2(ports, order3, first.assertion);
  if (!isRefusedAssertion(judged))
    return judged.kind === "tokens" && assertions.askFirst(order3.name, first.keyId), judged;
  if (other === void 0) return judged;
  if (!timeIsLeft())
    return assertions.askFirst(order3.name, other.keyId), untried(judged);
  ports.log.warn("Salesforce refused the assertion; asking once more with the other key.", {
    app: order3.name,
    key: first.keyId,
    other: other.keyId
  });
  let second = await send2(ports, order3, other.assertion);
  return second.kind === "tokens" && assertions.askFirst(order3.name, other.keyId), second;
}
function untried(judged) {
  return judged.kind === "refused" ? { ...judged, class: "transient" } : judged;
}
async function send2(ports, { loginUrl }, assertion) {
  return ports.metrics.add("RefreshRequests", 1), judgeTokenAnswer(await ports.salesforce.exchangeAssertion(loginUrl, assertion, 4e4), "jwt_bearer");
}
function isRefusedAssertion(judged) {
  return judged.kind !== "refused" || judged.error !== "invalid_grant" ? !1 : judged.description.trim().toLowerCase() === "invalid assertion";
}

// functions/core/circuit.ts
var circuitBaseMs = 3e4, circuitCapMs = 15 * 6e4, sameIncidentMs = 2 * 36e5;
function decideAsk(state, now, attemptId) {
  return state?.openUntil === void 0 ? { kind: "go" } : state.openUntil > now ? { kind: "refused", until: state.openUntil } : state.probe !== void 0 && state.probe.until > now ? state.probe.attempt === attemptId ? { kind: "probing" } : { kind: "refused", until: state.probe.until } : { kind: "probe", after: { ...state, probe: { attempt: attemptId, until: now + 75e3 } } };
}
function decideOperatorFailure(state, app2, failure, now, fraction, attemptId) {
  let before = state ?? closedState(app2), ofProbe = before.probe?.attempt === attemptId, open4 = before.openUntil !== void 0;
  if (open4 && !ofProbe) return;
  let failures = before.failures + 1, after = {
    ...before,
    failures,
    openedAt: before.openedAt ?? now,
    openUntil: now + circuitBackoffMs(failures, fraction),
    probe: void 0,
    lastFailure: { at: now, error: failure.error, description: failure.description }
  };
  return open4 || isSameIncident(before, failure, now) ? after : withAlert2(after, failure, now, attemptId);
}
function decideSuccess(state, now, attemptId) {
  if (state?.probe?.attempt === attemptId)
    return { ...state, failures: 0, openedAt: void 0, openUntil: void 0, probe: void 0, closedAt: now };
}
function decideInconclusive(state, attemptId) {
  return state?.probe?.attempt === attemptId ? { ...state, probe: void 0 } : void 0;
}
function isClosed(state) {
  return state?.openUntil === void 0;
}
function circuitBackoffMs(failures, fraction) {
  let ceiling = Math.min(circuitCapMs, circuitBaseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return Math.floor(ceiling / 2 + ceiling / 2 * fraction);
}
function closedState(app2) {
  return { version: 1, revision: 0, writeId: "", id: app2, failures: 0, duties: {} };
}
function isSameIncident({ lastFailure, closedAt }, failure, now) {
  return lastFailure === void 0 || closedAt === void 0 || now - closedAt >= sameIncidentMs ? !1 : lastFailure.error === failure.error && lastFailure.description === failure.description;
}
function withAlert2(state, { error: error2 }, now, alertId) {
  let duty2 = {
    kind: "alert",
    alertId,
    type: "app_misconfigured",
    cause: error2,
    since: now,
    dueAt: now,
    tries: 0
  };
  return { ...state, duties: { ...state.duties, [`alert.${alertId}`]: duty2 } };
}

// functions/flows/circuit-guard.ts
var believedMs = 3e4;
function createCircuitGuard(ports) {
  let known3 = /* @__PURE__ */ new Map();
  async function stateOf2(app2) {
    let now = ports.clock.now(), last = known3.get(app2);
    if (last !== void 0 && now - last.readAt < believedMs) {
      let state = await last.state;
      if (isClosed(state)) return state;
    }
    let read = { readAt: now, state: ports.store.apps.read(app2) };
    return known3.set(app2, read), read.state.catch(() => known3.delete(app2)), read.state;
  }
  function remember2(app2, state) {
    known3.set(app2, { readAt: ports.clock.now(), state: Promise.resolve(state) });
  }
  function passFor(app2, attemptId, probes) {
    let settled3 = !1;
    return {
      async settle(outcome2) {
        if (!(settled3 || !probes && outcome2.kind !== "refused_app")) {
          settled3 = !0;
          try {
            remember2(app2, await settleAsk(ports, app2, attemptId, outcome2));
          } catch (error2) {
            ports.log.error("The circuit of an app could not be told what became of a request.", { app: app2, error: error2 });
          }
        }
      }
    };
  }
  return {
    async ask(app2, attemptId) {
      let state = await stateOf2(app2);
      if (isClosed(state)) return { kind: "go", pass: passFor(app2, attemptId, !1) };
      let { result, item } = await beginProbe(ports, app2, attemptId, state);
      return remember2(app2, item), result.kind === "refused" ? { ...result, detail: refusalText(app2, item) } : { kind: "go", pass: passFor(app2, attemptId, result.kind === "probing") };
    }
  };
}
function beginProbe(ports, app2, attemptId, seen) {
  return change(
    ports.store.apps,
    app2,
    (current) => {
      let decision = decideAsk(current, ports.clock.now(), attemptId);
      return decision.kind === "probe" ? { write: decision.after, result: { kind: "probing" } } : { keep: !0, result: decision };
    },
    { writeId: `${attemptId}.probe`, ...seen === void 0 ? {} : { seen } }
  );
}
async function settleAsk(ports, app2, attemptId, outcome2) {
  let fraction = ports.random.fraction(), { result, item } = await change(
    ports.store.apps,
    app2,
    (current) => {
      let after = stateAfter(current, app2, attemptId, outcome2, ports.clock.now(), fraction);
      return after === void 0 ? { keep: !0, result: !1 } : { write: after, result: !0 };
    },
    { writeId: `${attemptId}.circuit` }
  );
  if (!result) return item;
  if (outcome2.kind === "refused_app") {
    let { error: error2, description } = outcome2;
    ports.log.error("Salesforce refuses an app; its refreshes wait.", { app: app2, error: error2, description }), ports.metrics.add("CircuitsOpened", 1);
  }
  return outcome2.kind === "succeeded" && ports.log.info("Salesforce takes an app again.", { app: app2 }), item;
}
function stateAfter(current, app2, attemptId, outcome2, now, fraction) {
  switch (outcome2.kind) {
    case "succeeded":
      return decideSuccess(current, now, attemptId);
    case "refused_app":
      return decideOperatorFailure(current, app2, outcome2, now, fraction, attemptId);
    case "inconclusive":
      return decideInconclusive(current, attemptId);
  }
}
function refusalText(app2, state) {
  let { error: error2, description } = state?.lastFailure ?? { error: "unknown", description: "" };
  return `Salesforce refuses app ${app2} (${error2}: ${description}); it is asked again by itself.`;
}

// functions/core/refresh-report.ts
function report(outcome2, detail) {
  return { version: 1, outcome: outcome2, ...detail === void 0 ? {} : { detail } };
}

// functions/flows/retry-with-fresh-secret.ts
var ofSecret = /* @__PURE__ */ new Set(["invalid_client", "invalid_client_credentials"]);
function refusesSecret({ error: error2 }) {
  return ofSecret.has(error2);
}
async function freshCredentials(ports, app2, sent, refusal4) {
  if (!(sent.clientSecret === void 0 || !refusesSecret(refusal4)))
    try {
      let { current } = await ports.secrets.of(app2, { fresh: !0 });
      return equalInConstantTime(current.reveal(), sent.clientSecret.reveal()) ? void 0 : (ports.log.info("The client secret was rotated meanwhile; asking again with the new one.", { app: app2 }), { ...sent, clientSecret: current });
    } catch (error2) {
      if (!(error2 instanceof AppMisconfiguredError)) throw error2;
      return;
    }
}

// functions/flows/prepare-refresh.ts
async function prepareRefresh(ports, vault, assertions, connection) {
  let app2 = ports.config.apps[connection.app];
  if (app2 === void 0) return report("app_misconfigured", `The configuration has no app ${connection.app}.`);
  if (connection.grant === void 0) return report("not_needed");
  try {
    switch (connection.flow) {
      case "authorization_code":
        return await byRefreshToken(ports, vault, connection, app2);
      case "jwt_bearer":
        return await byAssertion(ports, vault, assertions, connection, app2);
      case "client_credentials":
        return await asClient(ports, vault, connection, app2);
    }
  } catch (error2) {
    if (!(error2 instanceof AppMisconfiguredError)) throw error2;
    return ports.log.error("The app cannot refresh.", { app: connection.app, connection_id: connection.id, error: error2 }), report("app_misconfigured", error2.message);
  }
}
async function byRefreshToken(ports, vault, { id, app: name, orgId, grant: grant2 }, app2) {
  if (grant2?.refreshToken === void 0) return report("not_needed");
  let context = { connectionId: id, grantId: grant2.id, purpose: "refresh" }, [{ client }, accessKey, key, token] = await Promise.all([
    clientCredentials(ports, name, app2),
    vault.orgKey(orgId, "access"),
    vault.orgKey(orgId, "refresh"),
    vault.open(grant2.refreshToken, grant2.ownKeys, orgId, context)
  ]);
  return { ask: withFreshSecret(ports, name, client, async (credentials) => {
    let answer2 = await ports.salesforce.refresh(grant2.loginUrl, credentials, token, 4e4);
    return judgeTokenAnswer(answer2, "refresh");
  }), client, accessKey, refresh: { token, key } };
}
async function byAssertion(ports, vault, assertions, { app: name, orgId, username, grant: grant2 }, app2) {
  if (grant2 === void 0) return report("not_needed");
  if (username === void 0)
    return report("app_misconfigured", "The connection has no username to assert; make it again by POST /connections.");
  let [signed, accessKey] = await Promise.all([
    assertions.signed({ name, app: app2, username, loginUrl: grant2.loginUrl }),
    vault.orgKey(orgId, "access")
  ]);
  return { ask: (timeIsLeft) => askByAssertion(ports, assertions, signed, timeIsLeft), client: { clientId: app2.clientId }, accessKey };
}
async function asClient(ports, vault, { app: name, orgId, grant: grant2 }, app2) {
  if (grant2 === void 0) return report("not_needed");
  let [{ client }, accessKey] = await Promise.all([
    clientCredentials(ports, name, app2),
    vault.orgKey(orgId, "access")
  ]);
  return { ask: askAsClient(ports, name, client, grant2.loginUrl), client, accessKey };
}
function askAsClient(ports, name, client, loginUrl) {
  return withFreshSecret(ports, name, client, async (credentials) => {
    let answer2 = await ports.salesforce.askAsClient(loginUrl, credentials, 4e4);
    return judgeTokenAnswer(answer2, "client_credentials");
  });
}
function withFreshSecret(ports, name, client, send4) {
  let counted = (credentials) => (ports.metrics.add("RefreshRequests", 1), send4(credentials));
  return async (timeIsLeft) => {
    let judged = await counted(client), fresh = judged.kind === "refused" ? await freshCredentials(ports, name, client, judged) : void 0;
    return fresh !== void 0 && timeIsLeft() ? counted(fresh) : judged;
  };
}

// functions/flows/ask-connection.ts
function createAskConnection(ports) {
  let vault = createVault(ports), circuits = createCircuitGuard(ports), assertions = createAssertions(ports);
  async function prepare2({ app: app2, appConfig, username = "", loginUrl }, attemptId) {
    let keys = await vault.ownKeys(attemptId);
    if (appConfig.flow === "jwt_bearer") {
      let signed = await assertions.signed({ name: app2, app: appConfig, username, loginUrl });
      return { ask: (timeIsLeft) => askByAssertion(ports, assertions, signed, timeIsLeft), client: { clientId: appConfig.clientId }, secrets: void 0, keys };
    }
    let { client, secrets } = await clientCredentials(ports, app2, appConfig);
    return { ask: askAsClient(ports, app2, client, loginUrl), client, secrets, keys };
  }
  async function keep(order3, attemptId, tokens, { client, secrets, keys }, begunAt, remainingTimeMs) {
    let checked = checkCodeAnswer(tokens, {
      orgId: order3.expectedOrgId,
      extraOrigin: ports.config.salesforceOrigin,
      refreshToken: !1
    });
    if (checked.kind === "refused") return problem(refusedAnswer(checked.error));
    if (secrets !== void 0 && checkSignature(tokens, secrets) === "invalid")
      return problem(refusedAnswer(wrongSignature));
    let { orgId, userId, instanceUrl } = checked, connectionId = connectionIdOf({ app: order3.app, orgId, userId }), exchange2 = { attemptId, app: order3.appConfig, keys }, incoming = {
      connectionId,
      app: order3.app,
      orgId,
      userId,
      flow: order3.appConfig.flow,
      // A token that Salesforce gives a second time says when it was first issued; this login is newer than that.
      authorizedAt: Math.max(authorizedAtOf(tokens, begunAt), begunAt),
      begunAt,
      // A refresh token is not asked for, and not kept where one comes all the same.
      grant: await sealedGrant(
        ports,
        vault,
        order3,
        { ...tokens, refreshToken: void 0 },
        exchange2,
        connectionId,
        instanceUrl
      ),
      username: order3.username,
      link: order3.use && { sessionId: attemptId, ...order3.use }
    }, persist = storeTime(ports.clock, begunAt + 75e3, remainingTimeMs), { result, connection } = await storeGrant(ports, incoming, persist);
    return result === "disconnected" || connection === void 0 ? problem(disconnectedMeanwhile2(connectionId)) : (ports.metrics.add("Connected", 1), await settle2(order3, attemptId, connection, tokens, client), { kind: "connection", connectionId, created: !0 });
  }
  async function settle2({ app: app2, username }, attemptId, connection, tokens, client) {
    try {
      username !== void 0 && await ports.store.rememberUsername(app2, username, connection.id);
      let doers = { link: linkDoer(ports) }, kept = await doDuties(ports, ports.store.connections, connection, doers, [linkDutyId(attemptId)]);
      kept.grant?.id === attemptId && await learnSession(ports, kept, tokens.accessToken, client);
    } catch (error2) {
      ports.log.error("The token is stored; what follows is left to maintain.", {
        connection_id: connection.id,
        error: error2
      });
    }
  }
  return async (order3, attemptId, remainingTimeMs) => {
    let asked2 = await circuits.ask(order3.app, attemptId);
    if (asked2.kind === "refused") return problem(misconfigured2(asked2.detail));
    try {
      let prepared = await prepare2(order3, attemptId);
      if (remainingTimeMs() < 45e3) return problem(tooLate2);
      let begunAt = ports.clock.now(), judged = await prepared.ask(() => remainingTimeMs() >= 45e3);
      if (judged.kind === "tokens") {
        let kept = await keep(order3, attemptId, judged.tokens, prepared, begunAt, remainingTimeMs);
        return await asked2.pass.settle({ kind: "succeeded" }), kept;
      }
      return judged.kind === "refused" && judged.class === "operator" && order3.loginUrl === order3.appConfig.loginUrl && await asked2.pass.settle({ ...judged, kind: "refused_app" }), ports.log.warn("A connection without a browser was not made.", {
        app: order3.app,
        attempt: attemptId,
        ...wordsOf3(judged)
      }), problem(problemOf3(judged, order3.appConfig.flow));
    } catch (error2) {
      if (!(error2 instanceof AppMisconfiguredError)) throw error2;
      return ports.log.error("The app cannot ask for tokens.", { app: order3.app, error: error2 }), problem(misconfigured2(error2.message));
    } finally {
      await asked2.pass.settle({ kind: "inconclusive" });
    }
  };
}
function problem(one) {
  return { kind: "problem", problem: one };
}
function wordsOf3(judged) {
  return judged.kind === "no_answer" ? { reason: judged.reason } : { class: judged.class, error: judged.error, description: judged.description };
}
function problemOf3(judged, flow) {
  if (judged.kind === "no_answer")
    return { code: "refresh_pending", detail: `Salesforce did not answer (${judged.reason}); ask again after Retry-After seconds. Nothing is spent by it.`, retryAfterSeconds: 30 };
  let { error: error2, description } = judged, { meaning, remedy } = errorWords(error2, description, askOf(flow)), said = `Salesforce refused: ${error2}: ${description}. ${meaning}`;
  switch (judged.class) {
    case "admin":
    case "dead":
      return { code: "admin_action_required", detail: said, members: { cause: causeOf(judged), remedy } };
    case "operator":
    case "bug":
      return { ...misconfigured2(said), members: { remedy } };
    case "transient":
    case "busy":
    case "unknown":
      return { code: "refresh_pending", detail: `${said} ${remedy}`, retryAfterSeconds: 60 };
  }
}
function misconfigured2(detail) {
  return { code: "app_misconfigured", detail, retryAfterSeconds: 60 };
}
function refusedAnswer({ code, detail, remedy }) {
  return code === "wrong_org" ? { code: "invalid_request", field: "expected_org_id", detail: `${detail} Nothing was kept or linked.` } : { ...misconfigured2(detail), members: { cause: code, remedy } };
}
function disconnectedMeanwhile2(connectionId) {
  return { code: "disconnected", detail: `Connection ${connectionId} was disconnected while it was being made; ask again if it shall be there.` };
}
var tooLate2 = {
  code: "refresh_pending",
  detail: "Too little time was left to ask Salesforce safely; nothing was sent. Ask again.",
  retryAfterSeconds: 1
};

// functions/flows/introduce-connection.ts
var waitAtMostMs = 2e4, firstPollMs = 100, longestPollMs = 1e3;
function createIntroduceConnection(ports) {
  let ask3 = createAskConnection(ports);
  return async (order3, remainingTimeMs) => {
    let id = introductionIdOf(order3.app, order3.loginUrl, order3.username), deadline = ports.clock.now() + waitAtMostMs, pollMs = firstPollMs, awaited;
    for (; ; ) {
      let introduction = await ports.store.introductions.read(id), connection = await known2(ports, order3, introduction), there = await existing(ports, order3, connection);
      if (there !== void 0) return there;
      let failure = introduction?.lastFailure;
      if (awaited !== void 0 && failure?.attempt === awaited && isOfAll(failure)) return failed2(failure);
      let asking = await begin(ports, order3, id, introduction, connection?.logins);
      if (asking.kind === "paced") return tooMany(asking.until - ports.clock.now());
      if (asking.kind === "mine") return conclude2(ports, order3, id, asking.attemptId, ask3, remainingTimeMs);
      if (awaited = asking.attempt, ports.clock.now() >= deadline) return underWay();
      await ports.clock.wait(pollMs), pollMs = Math.min(longestPollMs, pollMs * 2);
    }
  };
}
async function existing(ports, order3, connection) {
  if (!(connection?.status !== "active" || connection.grant?.loginUrl !== order3.loginUrl)) {
    if (order3.expectedOrgId !== void 0 && order3.expectedOrgId !== connection.orgId)
      return { kind: "problem", problem: otherOrg(order3.expectedOrgId, connection.orgId) };
    if (!(order3.use !== void 0 && await share(ports, connection, order3.use) === "gone"))
      return { kind: "connection", connectionId: connection.id, created: !1 };
  }
}
async function known2({ store: store2 }, { app: app2, appConfig, username }, introduction) {
  let id = introduction?.connectionId ?? (username === void 0 ? void 0 : await store2.connectionOfUsername(app2, username)), connection = id === void 0 ? void 0 : await store2.connections.read(id);
  if (connection?.flow === appConfig.flow)
    return username === void 0 || connection.username?.toLowerCase() === username.toLowerCase() ? connection : void 0;
}
async function share(ports, connection, use) {
  let { tenant, integration, configuration } = use, before = await ports.store.integrations.read({ tenant, integration });
  return before?.connectionId === connection.id && before.status !== "unlinked" && configuration === void 0 ? "shared" : shareConnection(ports, connection, { ...use, seenAt: before?.linkedAt });
}
async function begin(ports, { appConfig }, id, seen, ofConnection) {
  let attemptId = newId(ports.random), { result } = await change(
    ports.store.introductions,
    id,
    (current) => {
      let decision = decideIntroduction(
        current,
        id,
        attemptId,
        appConfig.loginsPerHour,
        ports.clock.now(),
        ofConnection
      );
      return decision.kind === "ask" ? { write: decision.after, result: { kind: "mine", attemptId } } : { keep: !0, result: decision.kind === "asking" ? { kind: "mine", attemptId } : decision };
    },
    { writeId: `${attemptId}.begin`, ...seen === void 0 ? {} : { seen } }
  );
  return result;
}
async function conclude2(ports, order3, id, attemptId, ask3, remainingTimeMs) {
  try {
    let introduced = await ask3(order3, attemptId, remainingTimeMs);
    return await end(ports, id, attemptId, introduced), introduced;
  } catch (error2) {
    throw await end(ports, id, attemptId, { kind: "problem", problem: { code: "store_unavailable", detail: "It failed on our side; ask again.", retryAfterSeconds: 5 } }).catch(() => {
    }), error2;
  }
}
async function end(ports, id, attemptId, introduced) {
  let how = introduced.kind === "connection" ? { connectionId: introduced.connectionId } : failureOf(introduced.problem);
  await change(
    ports.store.introductions,
    id,
    (current) => {
      let after = current && endIntroduction(current, attemptId, how, ports.clock.now());
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${attemptId}.end` }
  );
}
function failureOf({ code, detail, members }) {
  return { code, detail, ...members === void 0 ? {} : { members } };
}
function isOfAll({ code }) {
  return code !== "invalid_request";
}
function failed2({ code, detail, members }) {
  let known3 = Object.hasOwn(problems, code) ? code : "refresh_pending", retryAfterSeconds = retryable(known3) ? 5 : void 0;
  return { kind: "problem", problem: { code: known3, detail, members, retryAfterSeconds } };
}
function retryable(code) {
  return problems[code].status === 503 || problems[code].status === 429;
}
function otherOrg(expected, found) {
  return { code: "invalid_request", field: "expected_org_id", detail: `expected_org_id is ${expected}, and this user is of org ${found}: nothing was linked; check the username and the org` };
}
function tooMany(waitMs) {
  return { kind: "problem", problem: { code: "rate_limited", detail: "The hour has seen many logins of this user; Salesforce refuses them all from 3,600 on, so the next one waits. Ask again after Retry-After seconds.", retryAfterSeconds: Math.ceil(waitMs / 1e3) } };
}
function underWay() {
  return { kind: "problem", problem: { code: "refresh_pending", detail: "Another request is making this very connection; ask again in a few seconds.", retryAfterSeconds: 5 } };
}

// functions/handlers/jwt-bearer.ts
var fields = {
  app: z16.string(),
  username: z16.optional(z16.string().check(z16.minLength(1), z16.maxLength(256))),
  login_url: z16.optional(z16.string().check(z16.minLength(1), z16.maxLength(2048))),
  expected_org_id: z16.optional(
    z16.string().check(z16.regex(orgIdPattern, "must be an organization id of 18 characters, beginning with 00D"))
  ),
  tenant: z16.optional(label4),
  integration: z16.optional(label4),
  configuration: z16.optional(z16.unknown())
}, body = z16.strictObject(fields), directEvent = z16.strictObject({ version: z16.literal(1), kind: z16.literal("connect"), ...fields });
function createJwtBearerHandler(ports) {
  let introduce = createIntroduceConnection(ports);
  async function connect2(request) {
    let query = judgeQuery(request.query, []);
    if (!query.ok) return problemResponse(query.problem);
    let parsed2 = judgeBody(body, request.body);
    if (!parsed2.ok) return problemResponse(parsed2.problem);
    let forbidden = await forbiddenOrder(ports, request, parsed2.value);
    if (forbidden !== void 0) return problemResponse(forbidden);
    let judged = judgeOrder2(ports, parsed2);
    if (!judged.ok) return problemResponse(judged.problem);
    let order3 = { ...judged.value, use: useOf2(ports, request, judged.value.use) };
    return respond(ports, order3, await introduce(order3, request.remainingTimeMs));
  }
  let { log, metrics } = ports, http = createHttpHandler({
    functionName: "jwt-bearer",
    log,
    metrics,
    handlers: { "POST /connections": connect2 }
  }), direct = createInvocationHandler({
    log,
    metrics,
    parse: parseDirect,
    run: async (order3, { remainingTimeMs }) => {
      let judged = judgeOrder2(ports, { ok: !0, value: order3 });
      if (!judged.ok) return directProblem(judged.problem);
      let introduced = await introduce(judged.value, () => remainingTimeMs());
      if (introduced.kind === "problem") return directProblem(introduced.problem);
      let { created, connectionId } = introduced;
      return { version: 1, kind: "connection", created, connection_id: connectionId };
    }
  });
  return (event, context) => isHttpEvent(event) ? http(event, context) : direct(event, context);
}
function judgeOrder2(ports, input) {
  if (!input.ok) return input;
  let { app: app2, username, login_url, expected_org_id: expectedOrgId, tenant, integration, configuration } = input.value, { apps, salesforceOrigin } = ports.config, appConfig = Object.hasOwn(apps, app2) ? apps[app2] : void 0;
  if (appConfig === void 0 || appConfig.flow === "authorization_code") {
    let known3 = Object.keys(apps).filter((name) => apps[name]?.flow !== "authorization_code"), those = known3.length === 0 ? "there is none" : `they are ${known3.join(", ")}`;
    return refused2("app", `must be an app whose flow needs no browser (jwt_bearer, client_credentials); ${those}`);
  }
  if (appConfig.flow === "jwt_bearer" && username === void 0)
    return refused2(
      "username",
      `is required: app ${app2} asserts a user; give the username of one who is pre-authorized`
    );
  if (appConfig.flow === "client_credentials" && username !== void 0)
    return refused2("username", `is not for app ${app2}: Salesforce chooses the run-as user; leave it out`);
  if (tenant === void 0 != (integration === void 0))
    return refused2(tenant === void 0 ? "tenant" : "integration", "is missing: give tenant and integration together, or neither");
  if (tenant !== void 0 && expectedOrgId === void 0)
    return refused2("expected_org_id", "is required with tenant, else a username of another customer's org could be attached; give the org id of this tenant");
  if (tenant === void 0 && configuration !== void 0)
    return refused2("configuration", "is of an integration: give tenant and integration with it, or leave it out");
  let kept = configuration === void 0 ? void 0 : judgeConfiguration(configuration);
  if (kept?.ok === !1) return kept;
  let loginUrl = loginOrigin(login_url ?? appConfig.loginUrl, salesforceOrigin);
  if (loginUrl === void 0)
    return refused2(
      "login_url",
      "must be an https origin of Salesforce, e.g. https://test.salesforce.com, without a path"
    );
  let onMyDomain = loginUrl === salesforceOrigin || hostKindOf(loginUrl) === "my_domain";
  if (appConfig.flow === "client_credentials" && !onMyDomain)
    return refused2(
      "login_url",
      `must be the org's My Domain, e.g. https://example.my.salesforce.com: client credentials are answered nowhere else; got ${loginUrl}`
    );
  let use = tenant === void 0 || integration === void 0 ? void 0 : { tenant, integration, ...kept === void 0 ? {} : { configuration: kept.value } };
  return { ok: !0, value: { app: app2, appConfig, username, loginUrl, expectedOrgId, use } };
}
function refused2(field, detail) {
  return { ok: !1, problem: invalid2(field, detail) };
}
function useOf2({ appCallers }, request, use) {
  let apps = appCallers.allowedApps(request.caller, "connect");
  return use === void 0 || apps === "all" ? use : { ...use, takesFrom: [...apps] };
}
async function forbiddenOrder(ports, request, { app: app2, tenant, integration }) {
  let forbidden = forbiddenApp(ports, request, "connect", app2);
  if (forbidden !== void 0 || tenant === void 0 || integration === void 0) return forbidden;
  let linked = await ports.store.integrations.read({ tenant, integration });
  if (!(linked === void 0 || linked.status === "unlinked"))
    return forbiddenConnection(ports, request, "connect", linked.connectionId);
}
async function respond(ports, { use }, introduced) {
  if (introduced.kind === "problem") return problemResponse(introduced.problem);
  let shown = await showConnection(ports, introduced.connectionId, use?.tenant);
  if (shown === void 0) {
    let detail = `Connection ${introduced.connectionId} was made; its integration is still being linked. Ask for it in a moment.`;
    return problemResponse({ code: "refresh_pending", detail, retryAfterSeconds: 2 });
  }
  return { kind: "json", status: introduced.created ? 201 : 200, body: shown };
}
function directProblem(problem2) {
  return { version: 1, kind: "problem", problem: problemBody(problem2) };
}
function isHttpEvent(event) {
  return typeof event == "object" && event !== null && "requestContext" in event;
}
function parseDirect(event) {
  let parsed2 = directEvent.safeParse(event);
  if (parsed2.success) return parsed2.data;
  let paths = parsed2.error.issues.map((issue) => issue.path.map(String).join(".") || "(root)").join(", ");
  throw new UnreadableItemError(`The event is no request for a connection of version 1; wrong at: ${paths}.`);
}

// functions/handlers/maintain.ts
import * as z17 from "zod/mini";

// functions/core/alert-words.ts
var alertWords = {
  reauthorization_required: {
    severity: "critical",
    summary: "Salesforce refuses the refresh token for good; the integration stops when the access token ends.",
    remedy: "Ask the user to authorize again: POST /connect-sessions with reauthorize, and send them the link."
  },
  admin_action_required: {
    severity: "warning",
    summary: "The org's settings keep the app out; the connection is kept and tried again.",
    remedy: "Ask the org's Salesforce administrator to look at the app's policies and the user; nothing is to be authorized again."
  },
  connection_recovered: {
    severity: "info",
    summary: "The connection works again.",
    remedy: "Nothing is to be done."
  },
  app_misconfigured: {
    severity: "critical",
    summary: "Salesforce refuses the app itself; none of its connections is refreshed until that is set right.",
    remedy: "Compare the app's configuration and client secret with its settings in Salesforce Setup."
  },
  expiry_approaching: {
    severity: "warning",
    summary: "A certificate that its assertions are signed under ends soon; Salesforce may refuse them from then on.",
    remedy: "Write a new certificate with npx grantkeeper signing-key APP and upload it: Setup > External Client App Manager > the app > Settings > OAuth Settings > Enable JWT Bearer Flow. docs/runbooks/rotate-signing-key.md has it step by step."
  },
  refresh_backlog: {
    severity: "critical",
    summary: "Refreshes are long overdue; integrations stop as their access tokens end.",
    remedy: "Look at the functions schedule-refreshes and refresh: their errors, their throttles and concurrency, and the refresh queue with its dead letters. What is overdue is caught up by itself once they run."
  },
  tokens_in_lifeboat: {
    severity: "critical",
    summary: "The table refused answers of Salesforce; their tokens lie in the lifeboat bucket.",
    remedy: "Look at the DynamoDB table: throttles, its key, its permissions. Leave the bucket alone: maintain brings the tokens back once the table takes writes."
  }
}, revocationGivenUpWords = {
  severity: "warning",
  summary: "A grant that is not in use could not be revoked at Salesforce for seven days; it was given up, and may still live there and count to the limit of five.",
  remedy: "Ask the org's Salesforce administrator to end it: Setup, OAuth Usage (or the user's OAuth Connected Apps), revoke the entries of this app that are not in use."
};

// functions/core/compose-alert.ts
function composeAlert(connection, duty2) {
  let givenUp2 = duty2.cause === revocationGivenUp, { severity, summary, remedy } = givenUp2 ? revocationGivenUpWords : alertWords[duty2.type], failure = givenUp2 ? void 0 : connection.grant?.lastFailure, evidence = failure === void 0 || duty2.type === "connection_recovered" ? [] : [`${rfc3339(failure.at)} ${failure.error}: ${failure.description}`];
  return {
    version: 1,
    id: duty2.alertId,
    type: duty2.type,
    severity,
    app: connection.app,
    org_id: connection.orgId,
    connection_ids: [connection.id],
    opened_at: rfc3339(duty2.since),
    summary: `${connection.id}: ${summary}`,
    cause: duty2.cause,
    evidence,
    remedy: duty2.type === "admin_action_required" && failure !== void 0 ? failureRemedy(connection, failure) : remedy,
    counts: { connections: 1 }
  };
}
function failureRemedy({ flow }, { error: error2, description }) {
  let { remedy } = errorWords(error2, description, askOf(flow));
  return `${remedy} ${flow === "authorization_code" ? "The refresh token is kept and tried again" : "A login is tried again"}; nothing is to be authorized again.`;
}

// functions/flows/alert-duty.ts
function alertDoer(ports) {
  return async (connection, duty2) => (await ports.alerts.publish(composeAlert(connection, duty2)), ports.metrics.add("AlertsPublished", 1), "done");
}

// functions/core/certificate-expiry.ts
var hourMs = 36e5, noticesMs = [48 * hourMs, 336 * hourMs], rememberedMs = 720 * hourMs, alertedAtMost = 16;
function decideCertificates(state, app2, ends, now) {
  let before = state ?? closedState(app2), remembered = (before.certificates?.alerted ?? []).filter((alert) => isRemembered(alert, before, ends, now)), fresh = ends.flatMap((end2) => dueAlert(end2, app2, remembered, now)), duties2 = { ...before.duties };
  for (let { alertId } of fresh) duties2[`alert.${alertId}`] = dutyOf(alertId, now);
  return {
    ...before,
    certificates: { lookedAt: now, ends, alerted: [...remembered, ...fresh].slice(-alertedAtMost) },
    duties: duties2
  };
}
function dueAlert({ id, endsAt }, app2, alerted, now) {
  if (endsAt === void 0) return [];
  let noticeMs = noticesMs.find((notice) => endsAt - now <= notice);
  return noticeMs === void 0 ? [] : alerted.some((one) => one.keyId === id && one.endsAt === endsAt && one.noticeMs <= noticeMs) ? [] : [{ alertId: `${app2}.certificate-${id}.${endsAt}.${noticeMs / hourMs}h`, keyId: id, endsAt, noticeMs }];
}
function isRemembered({ alertId, keyId, endsAt }, { duties: duties2 }, ends, now) {
  return now - endsAt < rememberedMs || duties2[`alert.${alertId}`] !== void 0 ? !0 : ends.some((end2) => end2.id === keyId && end2.endsAt === endsAt);
}
function dutyOf(alertId, now) {
  return {
    kind: "alert",
    alertId,
    type: "expiry_approaching",
    cause: "signing_certificate_ends",
    since: now,
    dueAt: now,
    tries: 0
  };
}

// functions/core/compose-app-alert.ts
function composeAppAlert(state, duty2, flow) {
  let certificate = state.certificates?.alerted.find(({ alertId }) => alertId === duty2.alertId);
  return {
    version: 1,
    id: duty2.alertId,
    type: duty2.type,
    app: state.id,
    org_id: "",
    connection_ids: [],
    opened_at: rfc3339(duty2.since),
    cause: duty2.cause,
    ...certificate === void 0 ? ofRefusal(state, duty2, flow) : ofCertificate(state, duty2, certificate)
  };
}
function ofRefusal({ id: app2, lastFailure }, duty2, flow) {
  let { severity, summary, remedy } = alertWords[duty2.type], row = lastFailure === void 0 ? unknownError : errorRow(lastFailure.error, lastFailure.description), words3 = wordsOf(row, askOf(flow));
  return {
    severity,
    summary: `${app2}: ${summary}`,
    evidence: lastFailure === void 0 ? [] : [`${rfc3339(lastFailure.at)} ${lastFailure.error}: ${lastFailure.description}`.trimEnd(), words3.meaning],
    remedy: row === unknownError ? remedy : `${words3.remedy} Every token is kept; nothing is to be authorized again.`,
    counts: { refusals: 1 }
  };
}
var hourMs2 = 36e5;
function ofCertificate({ id: app2 }, { type, since }, { keyId, endsAt, noticeMs }) {
  let { severity, remedy } = alertWords[type], hoursLeft = Math.max(0, Math.floor((endsAt - since) / hourMs2)), ends = endsAt <= since ? "ended" : "ends", left = hoursLeft < 72 ? `${hoursLeft} hours` : `${Math.floor(hoursLeft / 24)} days`;
  return {
    severity: noticeMs === noticesMs[0] ? "critical" : severity,
    summary: `${app2}: the certificate of signing key ${keyId} ${ends} at ${rfc3339(endsAt)}; from then on Salesforce may refuse what it signs.`,
    evidence: [`Of key ${keyId} of ${app2}, ${left} were left when this was noticed, at ${rfc3339(since)}.`],
    remedy: remedy.replace("signing-key APP", `signing-key ${app2}`),
    counts: { hours_left: hoursLeft }
  };
}

// functions/flows/app-alert-duty.ts
function appAlertDoer(ports) {
  return async (state, duty2) => {
    let flow = ports.config.apps[state.id]?.flow ?? "authorization_code";
    return await ports.alerts.publish(composeAppAlert(state, duty2, flow)), ports.metrics.add("AlertsPublished", 1), "done";
  };
}

// functions/core/drain.ts
function decideDrain(connection, { attempt: attempt2, made: made2 }, now) {
  let { grant: grant2 } = connection, { grantId, refreshes } = attempt2.generation;
  if (grant2?.id === grantId && grant2.refreshes === refreshes) return { kind: "wait" };
  let duty2 = connection.duties[revokeDutyId(grantId)];
  if (duty2?.kind === "revoke" && duty2.lease !== void 0 && duty2.lease.until > now) return { kind: "wait" };
  let decision = decideCommit(connection, attempt2, made2, now, 0);
  return decision.kind === "superseded" ? { kind: "owe", after: decision.after } : { kind: "stale" };
}

// functions/core/claim.ts
var attemptsKept = 10;
function decideClaim(connection, request, now, attemptId) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0) return { kind: "skip", outcome: "not_needed" };
  if (leaseLives(grant2, now))
    return grant2.lease?.attempt === attemptId && sameGeneration(generationOf(grant2), request.generation) ? { kind: "claimed" } : { kind: "skip", outcome: "in_flight" };
  if (!sameGeneration(generationOf(grant2), request.generation)) return { kind: "skip", outcome: "not_needed" };
  let due = connection.nextRefreshAt !== void 0 && connection.nextRefreshAt <= now;
  return !due && connection.status === "reauthorization_required" ? { kind: "skip", outcome: "reauthorization_required" } : !due && grant2.failures > 0 ? { kind: "skip", outcome: backoffOutcome(connection) } : !due && isServable(grant2, now) ? { kind: "skip", outcome: "not_needed" } : { kind: "claim", after: claimedBy(connection, grant2, attemptId, now) };
}
function decideDrainClaim(connection, generation, now, attemptId) {
  let { grant: grant2 } = connection;
  if (!(grant2 === void 0 || leaseLives(grant2, now) || !sameGeneration(generationOf(grant2), generation)))
    return claimedBy(connection, grant2, attemptId, now);
}
function unsettledBefore(grant2, attemptId) {
  return grant2.attempts.some((one) => one.id !== attemptId && one.refreshes === grant2.refreshes);
}
function claimedBy(connection, grant2, attemptId, now) {
  let until = now + 75e3, attempt2 = { id: attemptId, begunAt: now, refreshes: grant2.refreshes }, lease = { attempt: attemptId, until }, attempts2 = boundedAttempts([...grant2.attempts, attempt2]), after = { ...connection, nextRefreshAt: until, grant: { ...grant2, lease, attempts: attempts2 } };
  return connection.flow === "authorization_code" ? after : { ...after, logins: withLogin(connection.logins, now) };
}
function withdrawClaim(connection, attemptId, nextRefreshAt) {
  let { grant: grant2 } = connection;
  if (grant2?.lease?.attempt !== attemptId) return;
  let attempts2 = grant2.attempts.filter((attempt2) => attempt2.id !== attemptId);
  return { ...connection, nextRefreshAt, grant: { ...grant2, lease: void 0, attempts: attempts2 } };
}
function backoffOutcome(connection) {
  return connection.status === "admin_action_required" ? "admin_action_required" : "backing_off";
}
function boundedAttempts(attempts2) {
  return attempts2.length <= attemptsKept ? attempts2 : [...attempts2.slice(0, 1), ...attempts2.slice(1 - attemptsKept)];
}

// functions/core/refresh-machine.ts
function next(connection, event, now, fraction) {
  switch (event.type) {
    case "asked":
      return asked(connection, event.request, event.attemptId, now);
    case "drain_asked":
      return written(decideDrainClaim(connection, event.generation, now, event.attemptId), "claimed", "stale");
    case "not_sent":
      return written(withdrawClaim(connection, event.attemptId, event.nextRefreshAt), "withdrawn", "known");
    case "answered":
      return answered(connection, event.attempt, event.made, now, fraction, event.idleLimitMs);
    case "rescued":
      return rescued(connection, event.attempt, event.made, event.attemptId, now, fraction);
    case "refused":
      return written(
        decideRefusal(connection, event.attempt, event.refusal, now, fraction, event.alertId),
        "recorded",
        "stale"
      );
    case "unanswered":
      return written(decideNoAnswer(connection, event.attempt, event.reason, now, fraction), "recorded", "stale");
  }
}
var open3 = ["claimed", "in_doubt", "admin_action_required", "reauthorization_required"], unleased = [
  "resting",
  "in_doubt",
  "backing_off",
  "suspected",
  "admin_action_required",
  "reauthorization_required"
], each = (from, to) => from.flatMap((one) => to.map((other) => [one, other])), stays = (states) => states.map((one) => [one, one]), transitions = {
  asked: each(unleased, ["claimed"]),
  drain_asked: each(unleased, ["claimed"]),
  not_sent: [
    ...each(["claimed"], unleased),
    ...each(["in_doubt"], ["resting", "in_doubt", "backing_off", "suspected"]),
    ...stays(["resting", "admin_action_required", "reauthorization_required"])
  ],
  answered: [
    ...each(open3, ["resting", "admin_action_required"]),
    // Over the lease of another attempt, which finds the generation moved on.
    ["claimed", "claimed"]
  ],
  rescued: [...each(open3, ["resting", "admin_action_required"]), ["claimed", "claimed"]],
  refused: [
    ...each(
      ["claimed", "in_doubt"],
      ["backing_off", "suspected", "in_doubt", "admin_action_required", "reauthorization_required"]
    ),
    ["admin_action_required", "reauthorization_required"],
    ...stays(["admin_action_required", "reauthorization_required"])
  ],
  unanswered: stays(open3)
};
function asked(connection, request, attemptId, now) {
  let decision = decideClaim(connection, request, now, attemptId);
  switch (decision.kind) {
    case "claim":
      return { kind: "write", after: decision.after, outcome: "claimed" };
    case "claimed":
      return { kind: "keep", outcome: "claimed" };
    case "skip":
      return { kind: "keep", outcome: { skipped: decision.outcome } };
  }
}
function answered(connection, attempt2, made2, now, fraction, idleLimitMs) {
  let decision = decideCommit(connection, attempt2, made2, now, fraction, idleLimitMs);
  switch (decision.kind) {
    case "commit":
      return { kind: "write", after: decision.after, outcome: "committed" };
    case "superseded":
      return { kind: "write", after: decision.after, outcome: "superseded" };
    case "committed":
      return { kind: "keep", outcome: "known" };
    case "stale":
      return { kind: "keep", outcome: "stale" };
  }
}
function rescued(connection, attempt2, made2, attemptId, now, fraction) {
  let transition = answered(connection, attempt2, made2, now, fraction);
  if (transition.kind !== "write" || transition.outcome !== "committed") return transition;
  let { after } = transition, freed = withdrawClaim(after, attemptId, after.nextRefreshAt ?? now);
  return { ...transition, after: freed ?? after };
}
function written(after, yes, no) {
  return after === void 0 ? { kind: "keep", outcome: no } : { kind: "write", after, outcome: yes };
}

// functions/flows/advance.ts
async function advance(ports, connectionId, event, options) {
  let fraction = ports.random.fraction(), { result, item } = await change(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === void 0) return { keep: !0, result: { skipped: "unknown_connection" } };
      let transition = next(current, event, ports.clock.now(), fraction);
      return transition.kind === "keep" ? { keep: !0, result: transition.outcome } : { write: transition.after, result: transition.outcome };
    },
    options
  );
  return { outcome: result, item };
}

// functions/flows/rescue.ts
var unreadableWaitMs = 6e4;
async function rescue(ports, claimed2, attemptId) {
  if (!(claimed2.grant.refreshToken !== void 0) || !unsettledBefore(claimed2.grant, attemptId)) return { kind: "nothing", claimed: claimed2 };
  try {
    return await rescueFrom(ports, claimed2, attemptId, await refreshesOf(ports, claimed2));
  } catch (error2) {
    if (!(error2 instanceof LifeboatUnavailableError || error2 instanceof UnreadableItemError)) throw error2;
    return ports.log.error("The lifeboat cannot be read; the refresh waits.", { connection_id: claimed2.id, error: error2 }), await giveBack(ports, claimed2, attemptId, ports.clock.now() + unreadableWaitMs), { kind: "unreadable" };
  }
}
async function refreshesOf({ lifeboat }, { id, grant: grant2 }) {
  return (await lifeboat.ofConnection(id)).flatMap(
    (entry) => entry.kind === "refresh" && entry.attempt.generation.grantId === grant2.id ? [entry] : []
  );
}
async function rescueFrom(ports, claimed2, attemptId, entries) {
  let { refreshes } = generationOf(claimed2.grant);
  for (let entry of entries.filter((one) => one.attempt.generation.refreshes < refreshes))
    await ports.lifeboat.remove(entry);
  let [saved] = entries.filter((one) => one.attempt.generation.refreshes === refreshes).sort((a, b) => b.at - a.at);
  if (saved === void 0) return { kind: "nothing", claimed: claimed2 };
  let { attempt: attempt2, made: made2 } = saved, { outcome: outcome2 } = await advance(
    ports,
    claimed2.id,
    { type: "rescued", attempt: attempt2, made: made2, attemptId },
    { writeId: `${attemptId}.rescue`, seen: claimed2 }
  );
  return ports.log.warn("An answer was committed from the lifeboat.", { connection_id: claimed2.id, outcome: outcome2 }), ports.metrics.add("Rescued", 1), await ports.lifeboat.remove(saved), { kind: "rescued" };
}
async function giveBack(ports, claimed2, attemptId, nextRefreshAt) {
  await advance(
    ports,
    claimed2.id,
    { type: "not_sent", attemptId, nextRefreshAt },
    { writeId: `${attemptId}.withdraw`, seen: claimed2 }
  );
}

// functions/flows/drain-lifeboat.ts
var pageSize = 100, pagesAtMost = 10, timeNeededMs = 2e4;
async function drainLifeboat(ports, remainingTimeMs) {
  let cursor, found = 0, left = 0, oldestAt, connections = /* @__PURE__ */ new Set();
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    let page2 = await ports.lifeboat.list(pageSize, cursor);
    for (let entry of page2.items)
      found += 1, entry.kind !== "duty" && connections.add(entry.connectionId), oldestAt = Math.min(oldestAt ?? entry.at, entry.at), (remainingTimeMs() < timeNeededMs || !await drained(ports, entry)) && (left += 1);
    if (cursor = page2.cursor, cursor === void 0) break;
  }
  return { found, left, oldestAt, connectionIds: [...connections].slice(0, 5) };
}
async function drained(ports, entry) {
  try {
    switch (entry.kind) {
      case "refresh":
        return await drainRefresh(ports, entry);
      case "code":
        return await drainCode(ports, entry);
      case "duty":
        return await drainDuty(ports, entry);
    }
  } catch (error2) {
    return ports.log.error("An entry of the lifeboat could not be stored; it is tried again.", {
      connection_id: entry.connectionId,
      kind: entry.kind,
      error: error2
    }), !1;
  }
}
async function drainRefresh(ports, entry) {
  let { connectionId, attempt: attempt2 } = entry, attemptId = newId(ports.random), { outcome: outcome2, item } = await advance(
    ports,
    connectionId,
    { type: "drain_asked", generation: attempt2.generation, attemptId },
    { writeId: `${attemptId}.claim` }
  );
  if (item === void 0) return !1;
  if (outcome2 === "claimed" && item.grant !== void 0) {
    let claimed2 = { ...item, grant: item.grant };
    return (await rescueFrom(ports, claimed2, attemptId, [entry])).kind === "rescued";
  }
  let { result } = await change(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === void 0) return { keep: !0, result: "stale" };
      let decision = decideDrain(current, entry, ports.clock.now());
      return decision.kind === "owe" ? { write: decision.after, result: "owe" } : { keep: !0, result: decision.kind };
    },
    { writeId: `${attemptId}.drain`, seen: item }
  );
  return result === "wait" ? !1 : (await ports.lifeboat.remove(entry), !0);
}
async function drainCode(ports, entry) {
  let { result } = await storeGrant(ports, entry.authorization);
  return result === "disconnected" && await owe(ports, entry), ports.log.warn("A callback's tokens were stored from the lifeboat.", { connection_id: entry.connectionId, result }), ports.metrics.add("Rescued", 1), await ports.lifeboat.remove(entry), !0;
}
async function owe(ports, { connectionId, authorization: authorization2 }) {
  let { grant: grant2, link: link2, app: app2 } = authorization2;
  await recordAuthorization(ports, { id: connectionId, app: app2 }, { ...link2, grant: refusedAuthorization(authorization2) });
  let now = ports.clock.now(), id = revokeDutyId(grant2.id);
  await change(
    ports.store.sessions,
    link2.sessionId,
    (current) => {
      let after = current && fail(current, disconnectedMeanwhile, grant2.id);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${grant2.id}.failed` }
  ), await change(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === void 0 || current.duties[id] !== void 0) return { keep: !0, result: void 0 };
      let duties2 = { ...current.duties, [id]: revocationOf(grant2, now, now, "disconnected") };
      return { write: { ...current, duties: duties2 }, result: void 0 };
    },
    { writeId: `${grant2.id}.owe` }
  );
}
function refusedAuthorization(authorization2) {
  let { grant: grant2, begunAt, authorizedAt, fingerprint, ledgerId } = authorization2, reason = disconnectedMeanwhile.code;
  return { id: grant2.id, begunAt, authorizedAt, outcome: "refused", reason, fingerprint, ledgerId };
}
async function drainDuty(ports, entry) {
  return await change(
    ports.store.sessions,
    entry.sessionId,
    (current) => {
      if (current === void 0 || current.duties[revokeDutyId(entry.duty.grantId)] !== void 0)
        return { keep: !0, result: void 0 };
      let after = fail(current, entry.error, entry.duty.grantId, entry.duty);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${entry.attemptId}.owe` }
  ), await ports.lifeboat.remove(entry), !0;
}

// functions/core/compose-incident-alert.ts
function composeIncidentAlert({ finding }, duty2) {
  return {
    version: 1,
    id: duty2.alertId,
    type: duty2.type,
    ...alertWords[duty2.type],
    app: "",
    org_id: "",
    connection_ids: finding?.connectionIds ?? [],
    opened_at: rfc3339(duty2.since),
    cause: duty2.cause,
    evidence: finding?.evidence ?? [],
    counts: finding?.counts ?? {}
  };
}

// functions/flows/incident-alert-duty.ts
function incidentAlertDoer(ports) {
  return async (incident, duty2) => (await ports.alerts.publish(composeIncidentAlert(incident, duty2)), ports.metrics.add("AlertsPublished", 1), "done");
}

// functions/core/compose-session-alert.ts
function composeSessionAlert(session, duty2) {
  let { severity, summary, remedy } = revocationGivenUpWords;
  return {
    version: 1,
    id: duty2.alertId,
    type: duty2.type,
    severity,
    app: session.app,
    org_id: session.identity?.orgId ?? session.expectedOrgId ?? "",
    connection_ids: [],
    opened_at: rfc3339(duty2.since),
    summary: `${session.app}: ${summary}`,
    cause: duty2.cause,
    evidence: [
      `Tenant ${session.tenant}, integration ${session.integration}, connect session of ${rfc3339(session.createdAt)}: ${session.error?.code ?? "refused"}.`
    ],
    remedy,
    counts: { grants: 1 }
  };
}

// functions/flows/session-alert-duty.ts
function sessionAlertDoer(ports) {
  return async (session, duty2) => (await ports.alerts.publish(composeSessionAlert(session, duty2)), ports.metrics.add("AlertsPublished", 1), "done");
}

// functions/core/incident.ts
function decideIncident(incident, id, finding, now, alertId) {
  if (incident?.openedAt === void 0)
    return finding === void 0 ? void 0 : opened(incident, id, finding, now, alertId);
  if (finding !== void 0)
    return incident.quietSince === void 0 ? void 0 : { ...incident, quietSince: void 0 };
  if (incident.quietSince === void 0) return { ...incident, quietSince: now };
  if (!(now - incident.quietSince < 9e5))
    return { ...incident, openedAt: void 0, quietSince: void 0 };
}
function opened(incident, id, finding, now, alertId) {
  let before = incident ?? { version: 1, revision: 0, writeId: "", id, duties: {} }, duty2 = { kind: "alert", alertId, type: id, cause: id, since: now, dueAt: now, tries: 0 };
  return {
    ...before,
    openedAt: now,
    finding: { ...finding, connectionIds: finding.connectionIds.slice(0, 5) },
    duties: { ...before.duties, [`alert.${alertId}`]: duty2 }
  };
}

// functions/flows/watch-incident.ts
async function watchIncident(ports, id, finding) {
  let alertId = newId(ports.random), { item } = await change(
    ports.store.incidents,
    id,
    (current) => {
      let after = decideIncident(current, id, finding, ports.clock.now(), alertId);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${alertId}.watch` }
  );
  return item;
}

// functions/flows/watch-backlog.ts
var overdueMs = 15 * 6e4, backlogAtLeast = 10, perShardAtMost = 100;
async function watchBacklog(ports) {
  let now = ports.clock.now(), overdue = (await Promise.all(
    Array.from(
      { length: ports.store.shards },
      (_, shard) => ports.store.dueConnections(shard, now - overdueMs, perShardAtMost)
    )
  )).flatMap(({ items }) => items).sort((a, b) => a.nextRefreshAt - b.nextRefreshAt);
  ports.metrics.add("RefreshesOverdue", overdue.length), await watchIncident(ports, "refresh_backlog", findingOf(overdue, now));
}
function findingOf(overdue, now) {
  let [oldest] = overdue;
  if (oldest === void 0 || overdue.length < backlogAtLeast) return;
  let minutes = Math.floor((now - oldest.nextRefreshAt) / 6e4), orgs = new Set(overdue.map(({ orgId }) => orgId)).size;
  return {
    evidence: [
      `At least ${overdue.length} connections of ${orgs} orgs are overdue by more than ${overdueMs / 6e4} minutes.`,
      `The longest overdue was due at ${rfc3339(oldest.nextRefreshAt)}, ${minutes} minutes ago.`
    ],
    connectionIds: overdue.slice(0, 5).map(({ connectionId }) => connectionId),
    counts: { connections: overdue.length, orgs }
  };
}

// functions/flows/watch-certificates.ts
var lookEveryMs = 36e5, lookAgainMs2 = 6e5;
function createWatchCertificates(ports) {
  let nextLookAt = /* @__PURE__ */ new Map();
  async function watch2(app2) {
    let now = ports.clock.now();
    if ((nextLookAt.get(app2) ?? 0) > now) return;
    nextLookAt.set(app2, now + lookAgainMs2);
    let seen = await ports.store.apps.read(app2), lookedAt = seen?.certificates?.lookedAt;
    (lookedAt === void 0 || lookedAt + lookEveryMs <= now) && await look(ports, app2, seen), nextLookAt.set(app2, (lookedAt !== void 0 && lookedAt + lookEveryMs > now ? lookedAt : now) + lookEveryMs);
  }
  return async () => {
    let apps = Object.entries(ports.config.apps).filter(([, { flow }]) => flow === "jwt_bearer");
    for (let [app2] of apps)
      try {
        await watch2(app2);
      } catch (error2) {
        ports.log.error("The certificates of an app could not be looked at.", { app: app2, error: error2 });
      }
  };
}
async function look(ports, app2, seen) {
  let ends = await endsOf(ports, app2);
  await change(
    ports.store.apps,
    app2,
    (current) => ({ write: decideCertificates(current, app2, ends, ports.clock.now()), result: void 0 }),
    { writeId: `${newId(ports.random)}.certificates`, ...seen === void 0 ? {} : { seen } }
  );
}
async function endsOf({ signingKeys, log }, app2) {
  try {
    return (await signingKeys.certificateEnds(app2)).map(({ id, endsAt }) => endsAt === void 0 ? { id } : { id, endsAt });
  } catch (error2) {
    if (!(error2 instanceof AppMisconfiguredError)) throw error2;
    return log.warn("The app has no signing key.", { app: app2, error: error2 }), [];
  }
}

// functions/flows/maintain.ts
var pageSize2 = 100, pagesPerShardAtMost = 10, timeNeededMs2 = 2e4;
function createDoDutiesOf(ports) {
  let doers = connectionDoers(ports, createVault(ports));
  return (connectionId) => doAll(ports, ports.store.connections, connectionId, doers);
}
function connectionDoers(ports, vault) {
  return {
    link: linkDoer(ports),
    unlink: unlinkDoer(ports),
    revoke: connectionRevokeDoer(ports, vault),
    alert: alertDoer(ports)
  };
}
function createMaintain(ports) {
  let vault = createVault(ports), ofConnections = connectionDoers(ports, vault), ofSessions = { revoke: sessionRevokeDoer(ports, vault), alert: sessionAlertDoer(ports) }, ofApps = { alert: appAlertDoer(ports) }, ofIncidents = { alert: incidentAlertDoer(ports) }, watchCertificates = createWatchCertificates(ports);
  async function doOne2({ holder, id }) {
    try {
      await doDutiesOf(holder, id);
    } catch (error2) {
      ports.log.error("A duty could not be done; it is tried again.", { holder, id, error: error2 });
    }
  }
  async function doDutiesOf(holder, id) {
    let { connections, sessions, apps, incidents } = ports.store;
    switch (holder) {
      case "connection":
        return doAll(ports, connections, id, ofConnections);
      case "session":
        return doAll(ports, sessions, id, ofSessions);
      case "app":
        return doAll(ports, apps, id, ofApps);
      case "incident":
        return doAll(ports, incidents, id, ofIncidents);
    }
  }
  async function maintainShard(shard, now, remainingTimeMs) {
    let cursor, done = 0;
    for (let pages = 0; pages < pagesPerShardAtMost; pages += 1) {
      let page2 = await ports.store.dueDuties(shard, now, pageSize2, cursor);
      for (let due of page2.items) {
        if (remainingTimeMs() < timeNeededMs2) return done;
        await doOne2(due), done += 1;
      }
      if (cursor = page2.cursor, cursor === void 0) return done;
    }
    return done;
  }
  return async (remainingTimeMs) => {
    await emptyLifeboat(ports, remainingTimeMs), await watch(ports);
    let now = ports.clock.now(), counts = await Promise.all(
      Array.from({ length: ports.store.shards }, (_, shard) => maintainShard(shard, now, remainingTimeMs))
    );
    return remainingTimeMs() >= timeNeededMs2 && await watchCertificates(), counts.reduce((sum, count2) => sum + count2, 0);
  };
}
async function doAll(ports, collection, id, doers) {
  let holder = await collection.read(id);
  holder !== void 0 && await doDuties(ports, collection, holder, doers);
}
async function emptyLifeboat(ports, remainingTimeMs) {
  try {
    let drained2 = await drainLifeboat(ports, remainingTimeMs);
    ports.metrics.add("InLifeboat", drained2.left), await watchIncident(ports, "tokens_in_lifeboat", findingOf2(drained2));
  } catch (error2) {
    ports.log.error("The lifeboat cannot be read.", { error: error2 });
  }
}
function findingOf2({ found, left, oldestAt, connectionIds }) {
  if (oldestAt !== void 0)
    return {
      evidence: [`${found} answers lay in the lifeboat, the oldest since ${rfc3339(oldestAt)}; ${left} are still there.`],
      connectionIds,
      counts: { found, left }
    };
}
async function watch(ports) {
  try {
    await watchBacklog(ports);
  } catch (error2) {
    ports.log.error("The backlog could not be looked at.", { error: error2 });
  }
}

// functions/handlers/maintain.ts
var directRequest = z17.object({
  version: z17.literal(1),
  kind: z17.literal("do_duties"),
  connectionId: z17.string().check(z17.minLength(1), z17.maxLength(128))
});
function createMaintainHandler(ports) {
  let maintain = createMaintain(ports), doDutiesOf = createDoDutiesOf(ports);
  return createInvocationHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse: parse2,
    async run(order3, { remainingTimeMs }) {
      return order3 === "all" ? { done: await maintain(remainingTimeMs) } : (await doDutiesOf(order3.connectionId), { done: 1 });
    }
  });
}
function parse2(event) {
  if (typeof event != "object" || event === null || !("kind" in event)) return "all";
  let parsed2 = directRequest.safeParse(event);
  if (parsed2.success) return { connectionId: parsed2.data.connectionId };
  throw new UnreadableItemError("The event names a kind, and is no request of version 1 to do duties.");
}

// functions/handlers/refresh.ts
import * as z19 from "zod/mini";

// functions/flows/host-gate.ts
function createHostGate({ clock, limit = 5, waitingAtMost = 50 }) {
  let hosts = /* @__PURE__ */ new Map();
  function admit(name, host) {
    host.inside += 1;
    let left = !1;
    return {
      kind: "entered",
      leave() {
        if (left) return;
        left = !0, host.inside -= 1;
        let [next2] = host.waiting;
        next2 !== void 0 ? (host.waiting.delete(next2), next2.answer(admit(name, host))) : host.inside === 0 && hosts.delete(name);
      }
    };
  }
  function queue2(host, waitAtMostMs3) {
    return new Promise((resolve) => {
      let over = new AbortController(), waiter = {
        answer(answer2) {
          resolve(answer2), over.abort();
        }
      };
      host.waiting.add(waiter), clock.wait(waitAtMostMs3, over.signal).then(() => {
        host.waiting.delete(waiter) && waiter.answer({ kind: "full" });
      });
    });
  }
  return {
    async enter(loginUrl, waitAtMostMs3) {
      let name = new URL(loginUrl).host, host = hosts.get(name) ?? { inside: 0, waiting: /* @__PURE__ */ new Set() };
      return hosts.set(name, host), host.inside < limit ? admit(name, host) : host.waiting.size >= waitingAtMost || waitAtMostMs3 <= 0 ? { kind: "full" } : queue2(host, waitAtMostMs3);
    }
  };
}

// functions/core/postponement.ts
var spreadMs = 5 * 6e4;
function decidePostponement(connection, until, now, fraction) {
  let { grant: grant2, nextRefreshAt } = connection;
  if (!(grant2 === void 0 || nextRefreshAt === void 0 || leaseLives(grant2, now)) && !(nextRefreshAt > now || nextRefreshAt >= until))
    return { ...connection, nextRefreshAt: until + Math.floor(spreadMs * fraction) };
}

// functions/flows/postpone.ts
async function postpone(ports, connection, until) {
  let fraction = ports.random.fraction();
  await change(
    ports.store.connections,
    connection.id,
    (current) => {
      let after = current && decidePostponement(current, until, ports.clock.now(), fraction);
      return after === void 0 ? { keep: !0, result: void 0 } : { write: after, result: void 0 };
    },
    { writeId: `${newId(ports.random)}.postpone`, seen: connection }
  );
}

// functions/core/config-schema.ts
import * as z18 from "zod/mini";
import en from "zod/v4/locales/en.js";
z18.config(en());
var defaultLoginUrl = "https://login.salesforce.com";
var text3 = (pattern, message) => z18.string().check(z18.regex(pattern, message)), appSchema2 = z18.strictObject({
  flow: z18._default(z18.enum(["authorization_code", "jwt_bearer", "client_credentials"]), "authorization_code"),
  signingKey: z18._default(z18.enum(["kms", "pem"]), "kms"),
  audience: z18.optional(z18.string()),
  loginsPerHour: z18._default(z18.int().check(z18.minimum(10), z18.maximum(3600)), 3600),
  clientId: text3(/^[\x21-\x7e]{1,256}$/, "must be a consumer key: 1 to 256 printable characters, no spaces"),
  clientAuthentication: z18.optional(z18.enum(["secret", "none"])),
  loginUrl: z18._default(z18.string(), defaultLoginUrl),
  purpose: z18._default(z18.enum(["api", "sign_in"]), "api"),
  claim: z18.optional(z18.boolean()),
  grantLimit: z18._default(z18.int().check(z18.minimum(2), z18.maximum(5)), 5),
  salesforceName: z18.optional(z18.string().check(z18.minLength(1), z18.maxLength(255))),
  scopes: z18.optional(
    z18.array(text3(/^[a-z0-9_]{1,64}$/, "must be a scope of Salesforce, such as api or refresh_token")).check(z18.maxLength(32))
  ),
  returnTo: z18._default(z18.array(z18.string()).check(z18.maxLength(100)), []),
  // An hour is the shortest that Salesforce offers.
  idleLimitDays: z18.optional(z18.number().check(z18.minimum(1 / 24), z18.maximum(3650)))
}), defaultThresholds = { apiRequestsPerSecond: 100, apiBurst: 200, deadLetterMessages: 1 }, count = z18.int().check(z18.minimum(1), z18.maximum(1e4)), thresholdsSchema = z18.strictObject({
  apiRequestsPerSecond: z18._default(count, defaultThresholds.apiRequestsPerSecond),
  apiBurst: z18._default(count, defaultThresholds.apiBurst),
  deadLetterMessages: z18._default(count, defaultThresholds.deadLetterMessages)
}), color = text3(/^#[0-9a-f]{6}$/i, "must be a colour as #rrggbb"), brandSchema = z18.strictObject({
  name: z18.string().check(z18.minLength(1), z18.maxLength(60)),
  color: z18.optional(color),
  colorDark: z18.optional(color),
  contact: z18.optional(z18.string().check(z18.minLength(1), z18.maxLength(120)))
}), configSchema = z18.strictObject({
  apps: z18.record(text3(appPattern, "app names match [a-z][a-z0-9-]{0,30}"), appSchema2),
  publicUrl: z18.optional(z18.string()),
  salesforceOrigin: z18.optional(z18.string()),
  loopbackReturnTo: z18._default(z18.boolean(), !1),
  brand: z18.optional(brandSchema),
  thresholds: z18._default(thresholdsSchema, defaultThresholds)
});

// functions/core/config.ts
function idleLimitMsOf(app2) {
  return app2?.idleLimitDays === void 0 ? void 0 : app2.idleLimitDays * 24 * 36e5;
}

// functions/flows/settle-answer.ts
async function commitTokens(ports, vault, claimed2, attempt2, tokens, prepared, remainingTimeMs) {
  let made2 = await sealed(ports, vault, claimed2, tokens, prepared), persist = storeTime(ports.clock, claimed2.grant.lease?.until ?? 0, remainingTimeMs), idleLimitMs = idleLimitMsOf(ports.config.apps[claimed2.app]), event = { type: "answered", attempt: attempt2, made: made2, idleLimitMs };
  try {
    let { outcome: outcome2, item } = await advance(ports, claimed2.id, event, {
      writeId: `${attempt2.id}.commit`,
      seen: claimed2,
      persist
    });
    return ports.log.info("A refresh was answered.", { connection_id: claimed2.id, attempt: attempt2.id, outcome: outcome2 }), outcome2 !== "committed" || item === void 0 ? report("not_needed", "The generation has moved on.") : (ports.metrics.add("Refreshed", 1), await learnSession(ports, item, tokens.accessToken, prepared.client), report(item.status === "admin_action_required" ? "admin_action_required" : "refreshed"));
  } catch (error2) {
    if (!(error2 instanceof StoreUnavailableError) || !made2.rotated) throw error2;
    return save(ports, claimed2, attempt2, made2);
  }
}
async function save(ports, { id }, attempt2, made2) {
  let at = ports.clock.now();
  return await ports.lifeboat.put({ version: 1, kind: "refresh", connectionId: id, attemptId: attempt2.id, attempt: attempt2, made: made2, at }), ports.log.error("The store refused a refresh answer; it lies in the lifeboat.", { connection_id: id }), ports.metrics.add("SavedInLifeboat", 1), report("in_lifeboat");
}
async function sealed(ports, vault, { id, orgId, userId, grant: grant2 }, tokens, { accessKey, refresh: sent }) {
  let { salesforceOrigin } = ports.config, context = { connectionId: id, grantId: grant2.id }, now = ports.clock.now(), issuedAt = issuedAtOf(tokens, now), instanceUrl = tokens.instanceUrl ?? grant2.instanceUrl, ours = isSalesforceUrl(instanceUrl, salesforceOrigin);
  ours || ports.log.error("A refresh answer named a foreign instance; it was not taken over.", { connection_id: id });
  let identity = tokens.id === void 0 ? { orgId, userId } : identityOf(tokens.id, salesforceOrigin), [access, refresh] = await Promise.all([
    vault.seal(tokens.accessToken, accessKey, { ...context, purpose: "access" }),
    sent && vault.seal(tokens.refreshToken ?? sent.token, sent.key, { ...context, purpose: "refresh" })
  ]);
  return {
    accessToken: access,
    accessTokenSha256: sha256Hex(tokens.accessToken.reveal()),
    refreshToken: refresh,
    issuedAt,
    ...sessionTimes(issuedAt, grant2.session?.lengthMs ?? 72e5, now),
    instanceUrl: ours ? new URL(instanceUrl).origin : grant2.instanceUrl,
    rotated: sent !== void 0 && tokens.refreshToken !== void 0,
    identityChanged: identity?.orgId !== orgId || identity.userId !== userId
  };
}
async function recordRefusal(ports, claimed2, attempt2, refusal4, remainingTimeMs) {
  let event = { type: "refused", attempt: attempt2, refusal: refusal4, alertId: newId(ports.random) }, { item } = await advance(ports, claimed2.id, event, {
    writeId: `${attempt2.id}.refused`,
    seen: claimed2,
    persist: storeTime(ports.clock, claimed2.grant.lease?.until ?? 0, remainingTimeMs)
  }), { error: error2, description } = refusal4;
  return ports.log.warn("Salesforce refused a refresh.", {
    connection_id: claimed2.id,
    attempt: attempt2.id,
    class: refusal4.class,
    error: error2,
    description
  }), ports.metrics.add(`Refused_${refusal4.class}`, 1), item?.status === "reauthorization_required" ? report("reauthorization_required", item.cause) : item?.status === "admin_action_required" ? report("admin_action_required", item.cause) : refusal4.class === "operator" ? report("app_misconfigured", `${error2}: ${description}`) : report("backing_off", `${error2}: ${description}`);
}
async function recordNoAnswer(ports, claimed2, attempt2, reason, remainingTimeMs) {
  return await advance(
    ports,
    claimed2.id,
    { type: "unanswered", attempt: attempt2, reason },
    {
      writeId: `${attempt2.id}.no-answer`,
      seen: claimed2,
      persist: storeTime(ports.clock, claimed2.grant.lease?.until ?? 0, remainingTimeMs)
    }
  ), ports.log.warn("Salesforce did not answer a refresh.", { connection_id: claimed2.id, attempt: attempt2.id, reason }), ports.metrics.add("NoAnswer", 1), report("no_answer", reason);
}

// functions/flows/refresh-connection.ts
function createRefreshConnection(ports) {
  let shared = {
    vault: createVault(ports),
    assertions: createAssertions(ports),
    circuits: createCircuitGuard(ports),
    gate: createHostGate({ clock: ports.clock })
  };
  return async (request, remainingTimeMs) => {
    let first = await refreshOnce(ports, shared, request, remainingTimeMs);
    return first.report.outcome !== "backing_off" || !first.confirmDeath || remainingTimeMs() < 45e3 + deadConfirmMs + 1e3 ? first.report : (await ports.clock.wait(deadConfirmMs), (await refreshOnce(ports, shared, { ...request, reason: "due" }, remainingTimeMs)).report);
  };
}
async function refreshOnce(ports, shared, request, remainingTimeMs) {
  let connection = await ports.store.connections.read(request.connectionId);
  if (connection === void 0) return { report: report("unknown_connection") };
  let attemptId = newId(ports.random), early = next(connection, { type: "asked", request, attemptId }, ports.clock.now(), 0);
  if (typeof early.outcome == "object") return { report: report(early.outcome.skipped) };
  let asked2 = await shared.circuits.ask(connection.app, attemptId);
  if (asked2.kind === "refused")
    return await postpone(ports, connection, asked2.until), { report: report("app_misconfigured", asked2.detail) };
  try {
    return await refreshAllowed(ports, shared, connection, request, attemptId, asked2.pass, remainingTimeMs);
  } finally {
    await asked2.pass.settle({ kind: "inconclusive" });
  }
}
async function refreshAllowed(ports, { vault, assertions, gate }, connection, request, attemptId, pass, remainingTimeMs) {
  let pacedUntil = paced(ports, connection);
  if (pacedUntil !== void 0)
    return await postpone(ports, connection, pacedUntil), { report: report("backing_off", "The hour has seen many logins of this user; the next is put off.") };
  let prepared = await prepareRefresh(ports, vault, assertions, connection);
  if (!("client" in prepared))
    return await postpone(ports, connection, ports.clock.now() + misconfiguredWaitMs), { report: prepared };
  let waitAtMostMs3 = remainingTimeMs() - 45e3 - claimTimeMs2, place = await gate.enter(connection.grant?.loginUrl ?? "", waitAtMostMs3);
  if (place.kind === "full")
    return { report: report("in_flight", "Too many calls to the login host are under way; it is due again.") };
  try {
    let claimed2 = await claim2(ports, connection, request, attemptId);
    if (!("grant" in claimed2)) return { report: claimed2 };
    let rescued2 = await rescue(ports, claimed2, attemptId);
    return rescued2.kind === "rescued" ? { report: report("refreshed", "from the lifeboat") } : rescued2.kind === "unreadable" ? { report: report("in_flight", "The lifeboat cannot be read.") } : await send3(ports, vault, claimed2, attemptId, prepared, pass, remainingTimeMs);
  } finally {
    place.leave();
  }
}
var claimTimeMs2 = 5e3, misconfiguredWaitMs = 5 * 6e4;
function paced({ config: config2, clock }, { app: app2, flow, logins: logins2 }) {
  if (flow === "authorization_code") return;
  let now = clock.now(), at = nextLoginAt(logins2, config2.apps[app2]?.loginsPerHour ?? 1, now);
  return at > now ? at : void 0;
}
async function claim2(ports, connection, request, attemptId) {
  let { outcome: outcome2, item } = await advance(
    ports,
    connection.id,
    { type: "asked", request, attemptId },
    { writeId: `${attemptId}.claim`, seen: connection }
  );
  if (typeof outcome2 == "object") return report(outcome2.skipped);
  if (item?.grant?.lease?.attempt !== attemptId) return report("in_flight");
  let claimed2 = { ...item, grant: item.grant };
  return claimed2.grant.refreshToken === connection.grant?.refreshToken ? claimed2 : (await giveBack(ports, claimed2, attemptId, ports.clock.now()), report("not_needed"));
}
async function send3(ports, vault, claimed2, attemptId, prepared, pass, remainingTimeMs) {
  let { grant: grant2 } = claimed2, attempt2 = { id: attemptId, generation: generationOf(grant2), loginUrl: grant2.loginUrl }, timeIsLeft = () => (grant2.lease?.until ?? 0) - ports.clock.now() >= 6e4 && remainingTimeMs() >= 45e3;
  if (!timeIsLeft())
    return await giveBack(ports, claimed2, attemptId, ports.clock.now()), { report: report("in_flight", "Too little time was left to send the request; it is due again.") };
  let judged = await prepared.ask(timeIsLeft);
  switch (judged.kind) {
    case "tokens": {
      let committed = await commitTokens(ports, vault, claimed2, attempt2, judged.tokens, prepared, remainingTimeMs);
      return await pass.settle({ kind: "succeeded" }), { report: committed };
    }
    case "refused": {
      let recorded = await recordRefusal(ports, claimed2, attempt2, judged, remainingTimeMs);
      return judged.class === "operator" && await pass.settle({ ...judged, kind: "refused_app" }), { report: recorded, confirmDeath: judged.class === "dead" };
    }
    case "no_answer":
      return { report: await recordNoAnswer(ports, claimed2, attempt2, judged.reason, remainingTimeMs) };
  }
}

// functions/handlers/refresh.ts
var requestSchema2 = z19.object({
  version: z19.literal(1),
  connectionId: z19.string().check(z19.minLength(1), z19.maxLength(128)),
  generation: z19.object({ grantId: z19.string(), refreshes: z19.int() }),
  reason: z19.enum(["due", "stale", "rejected"])
});
function createRefreshHandler(ports) {
  let refresh = withAlerts(ports, createRefreshConnection(ports)), run2 = (request, { remainingTimeMs }) => refresh(request, () => remainingTimeMs()), { log, metrics } = ports, queued = createQueueHandler({ log, metrics, parse: parse3, run: run2, onThrow: "acknowledge" }), direct = createInvocationHandler({ log, metrics, parse: parse3, run: run2 });
  return (event, context) => isQueueEvent(event) ? queued(event, context) : direct(event, context);
}
function withAlerts(ports, refresh) {
  return async (request, remainingTimeMs) => {
    let report2 = await refresh(request, remainingTimeMs);
    if (report2.outcome !== "reauthorization_required" && report2.outcome !== "admin_action_required") return report2;
    try {
      let connection = await ports.store.connections.read(request.connectionId);
      connection !== void 0 && await doDuties(ports, ports.store.connections, connection, { alert: alertDoer(ports) });
    } catch (error2) {
      ports.log.warn("An alert is left to maintain.", { connection_id: request.connectionId, error: error2 });
    }
    return report2;
  };
}
function isQueueEvent(event) {
  return typeof event == "object" && event !== null && "Records" in event && Array.isArray(event.Records);
}
function parse3(body2) {
  let parsed2 = requestSchema2.safeParse(body2);
  if (parsed2.success) return parsed2.data;
  throw new UnreadableItemError("The message is no refresh request of version 1.");
}

// functions/core/message-group.ts
import { createHash as createHash4 } from "node:crypto";
var splitAbove = 20, groupsOfLargeOrg = 4;
function groupIn(page2) {
  let perOrg = /* @__PURE__ */ new Map();
  for (let { orgId } of page2) perOrg.set(orgId, (perOrg.get(orgId) ?? 0) + 1);
  return ({ connectionId, orgId }) => (perOrg.get(orgId) ?? 0) > splitAbove ? `${orgId}.${partOf(connectionId)}` : orgId;
}
function partOf(connectionId) {
  return createHash4("sha256").update(connectionId).digest().readUInt8(0) % groupsOfLargeOrg;
}

// functions/flows/schedule-refreshes.ts
var pageSize3 = 100, pagesPerShardAtMost2 = 20, timeNeededMs3 = 1e4;
async function scheduleRefreshes(ports, remainingTimeMs) {
  let now = ports.clock.now(), shards = await Promise.all(
    Array.from({ length: ports.store.shards }, (_, shard) => scheduleShard(ports, shard, now, remainingTimeMs))
  ), queued = shards.reduce((sum, shard) => sum + shard.queued, 0);
  ports.metrics.add("RefreshesQueued", queued);
  let oldestDueAt = Math.min(now, ...shards.map((shard) => shard.oldestDueAt));
  return ports.metrics.add("OldestOverdueMs", now - oldestDueAt, "Milliseconds"), queued;
}
async function scheduleShard(ports, shard, now, remainingTimeMs) {
  let cursor, queued = 0, oldestDueAt = now;
  for (let pages = 0; pages < pagesPerShardAtMost2 && remainingTimeMs() > timeNeededMs3; pages += 1) {
    let page2 = await ports.store.dueConnections(shard, now, pageSize3, cursor), groupOf = groupIn(page2.items);
    if (oldestDueAt = Math.min(oldestDueAt, ...page2.items.map(({ nextRefreshAt }) => nextRefreshAt)), await ports.refreshQueue.send(
      page2.items.map(({ connectionId, orgId, generation, nextRefreshAt }) => ({
        request: { version: 1, connectionId, generation, reason: "due" },
        orgId,
        nextRefreshAt,
        group: groupOf({ connectionId, orgId })
      }))
    ), queued += page2.items.length, cursor = page2.cursor, cursor === void 0) return { queued, oldestDueAt };
  }
  return ports.log.warn("More is due than one run can queue; the next run goes on.", { shard, queued }), { queued, oldestDueAt };
}

// functions/handlers/schedule-refreshes.ts
function createScheduleRefreshesHandler(ports) {
  return createInvocationHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse: () => {
    },
    run: async (_, { remainingTimeMs }) => ({ queued: await scheduleRefreshes(ports, remainingTimeMs) })
  });
}

// functions/handlers/token.ts
import * as z20 from "zod/mini";

// functions/core/rejection-bucket.ts
function take2(bucket, now) {
  let { left, at } = filled(bucket ?? { left: 60, at: now }, now);
  return left >= 1 ? { kind: "ok", bucket: { left: left - 1, at } } : { kind: "limited", retryAfterSeconds: Math.max(1, Math.ceil((at + 6e4 - now) / 1e3)) };
}
function refreshLimited(connectionId, retryAfterSeconds) {
  return {
    code: "refresh_limited",
    retryAfterSeconds,
    detail: `The access tokens of ${connectionId} were rejected more than 60 times, and more often than once a minute since. A refresh does not cure what Salesforce objects to: look at its answer, then ask again in ${retryAfterSeconds} s.`
  };
}
function filled({ left, at }, now) {
  let drops = Math.floor(Math.max(0, now - at) / 6e4);
  return left + drops >= 60 ? { left: 60, at: Math.max(at, now) } : { left: left + drops, at: Math.min(at + drops * 6e4, Math.max(at, now)) };
}

// functions/core/read-decision.ts
function decideRead(connection, now) {
  let { grant: grant2, status } = connection;
  if (status === "disconnected" || grant2 === void 0) return { kind: "problem", problem: disconnected2(connection) };
  if (status === "reauthorization_required")
    return { kind: "problem", problem: reauthorizationRequired(connection, grant2) };
  if (isServable(grant2, now)) return { kind: "serve", grant: grant2, stale: !1 };
  if (leaseLives(grant2, now))
    return ownerGaveUp(grant2) ? staleOrPending(connection, grant2, now) : { kind: "wait" };
  let due = connection.nextRefreshAt !== void 0 && connection.nextRefreshAt <= now;
  if (status === "admin_action_required" && !due)
    return { kind: "problem", problem: adminActionRequired2(connection, grant2) };
  if (grant2.failures > 0 && !due) return staleOrPending(connection, grant2, now);
  let reason = grant2.rejectedRefreshes === grant2.refreshes ? "rejected" : "stale";
  return { kind: "refresh", request: { version: 1, connectionId: connection.id, generation: generationOf(grant2), reason } };
}
function staleOrPending(connection, grant2, now) {
  return mayStillLive(grant2, now) ? { kind: "serve", grant: grant2, stale: !0 } : { kind: "problem", problem: refreshPending(connection, grant2, now) };
}
function refreshPending(connection, grant2, now) {
  let { nextRefreshAt } = connection, { lastFailure } = grant2, afterMs = nextRefreshAt === void 0 ? 0 : nextRefreshAt - now, seconds2 = Math.min(3600, Math.max(1, Math.ceil(afterMs / 1e3))), detail = lastFailure === void 0 ? "The access token ended and its refresh is still under way." : `The last refresh failed at ${rfc3339(lastFailure.at)} (${lastFailure.error}: ${lastFailure.description}); ${triedAgain(connection)}.`;
  return { code: "refresh_pending", retryAfterSeconds: seconds2, detail: `${detail} Ask again in ${seconds2} s.` };
}
function triedAgain({ flow }) {
  return flow === "authorization_code" ? "the refresh token is kept and tried again" : "a new login is tried";
}
function reauthorizationRequired(connection, { lastFailure }) {
  let seen = lastFailure === void 0 ? "" : ` (${lastFailure.error}: ${lastFailure.description})`;
  return {
    code: "reauthorization_required",
    detail: `Salesforce refuses the refresh token of ${connection.id} for good${seen}. Begin a connect session with the body in "connect" and send the user its link.`,
    members: { cause: connection.cause ?? "revoked_or_unknown" }
  };
}
function adminActionRequired2(connection, { lastFailure, identityChanged }) {
  let identity = identityChanged === !0, seen = lastFailure === void 0 ? "It" : `${lastFailure.error}: ${lastFailure.description}. It`;
  return {
    code: "admin_action_required",
    detail: identity ? `Salesforce answered the refresh of ${connection.id} with another org or user; that token is not handed out.` : `The org's settings keep ${connection.id} out. ${seen} is tried again by itself; nothing is to be authorized again.`,
    members: {
      cause: identity ? "identity_changed" : connection.cause ?? "unknown",
      remedy: identity ? "Connect the integration again; tell Salesforce support if you did not move the user." : errorWords(lastFailure?.error ?? "", lastFailure?.description ?? "", askOf(connection.flow)).remedy
    }
  };
}
function disconnected2({ id, flow, disconnectedAt }) {
  let at = disconnectedAt === void 0 ? "" : ` at ${rfc3339(disconnectedAt)}`;
  return { code: "disconnected", detail: `${id} was disconnected${at}. ${flow === "authorization_code" ? "Begin a connect session" : "POST /connections"} to connect it again.` };
}
function decideReadMark(connection) {
  let { grant: grant2, nextRefreshAt } = connection;
  if (grant2 === void 0 || grant2.readRefreshes === grant2.refreshes) return;
  let calm = grant2.failures === 0 && grant2.lease === void 0 && nextRefreshAt !== void 0;
  return {
    ...connection,
    grant: { ...grant2, readRefreshes: grant2.refreshes },
    nextRefreshAt: calm ? Math.min(nextRefreshAt, grant2.refreshAfter) : nextRefreshAt
  };
}
function decideRejection(connection, accessTokenSha256, now) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0 || grant2.accessTokenSha256 !== accessTokenSha256) return { kind: "known" };
  if (grant2.rejectedRefreshes === grant2.refreshes) return { kind: "known" };
  let draw = take2(connection.rejections, now);
  if (draw.kind === "limited")
    return { kind: "limited", problem: refreshLimited(connection.id, draw.retryAfterSeconds) };
  let rejected = { ...grant2, rejectedRefreshes: grant2.refreshes };
  return { kind: "reject", after: { ...connection, rejections: draw.bucket, grant: rejected } };
}

// functions/flows/read-token.ts
var waitAtMostMs2 = 2e4, firstPollMs2 = 100, longestPollMs2 = 1e3, asksAtMost = 3, marksRemembered = 1e4;
function createReadToken(ports, { marks: marks2 = !0 } = {}) {
  let shared = { vault: createVault(ports), marks: marks2, marked: /* @__PURE__ */ new Set() };
  return async (order3) => {
    let found = await find(ports, order3);
    if (found === void 0) return { kind: "problem", problem: unknownConnection2(order3) };
    let { connection, limited } = await reject(ports, found, order3.rejectedTokenSha256);
    if (limited !== void 0) return { kind: "problem", problem: limited };
    let reading = await readUntil(ports, shared, connection, ports.clock.now() + waitAtMostMs2);
    return reading.kind === "problem" ? { ...reading, problem: await withConnect(ports, reading.problem, order3) } : reading;
  };
}
async function find(ports, { connectionId, tenant }) {
  if (tenant === void 0) return ports.store.connections.read(connectionId);
  let [connection, uses] = await Promise.all([
    ports.store.connections.read(connectionId),
    ports.store.usesOf(connectionId, 1, tenant)
  ]);
  return uses.length === 0 ? void 0 : connection;
}
function unknownConnection2({ connectionId, tenant }) {
  let whose = tenant === void 0 ? "" : ` with an integration of tenant ${tenant}`;
  return { code: "unknown_connection", detail: `There is no connection ${connectionId}${whose}.` };
}
async function reject(ports, connection, sha2562) {
  if (sha2562 === void 0) return { connection };
  let { result, item } = await change(
    ports.store.connections,
    connection.id,
    (current) => {
      if (current === void 0) return { keep: !0, result: void 0 };
      let decision = decideRejection(current, sha2562, ports.clock.now());
      return decision.kind === "reject" ? { write: decision.after, result: void 0 } : { keep: !0, result: decision.kind === "limited" ? decision.problem : void 0 };
    },
    { writeId: `${newId(ports.random)}.reject`, seen: connection }
  );
  return { connection: item ?? connection, limited: result };
}
async function readUntil(ports, shared, first, deadline) {
  let connection = first, pollMs = firstPollMs2;
  for (let asks = 0; ; ) {
    let decision = decideRead(connection, ports.clock.now());
    if (decision.kind === "problem") return decision;
    if (decision.kind === "serve") return serve(ports, shared, connection, decision);
    let leftMs = deadline - ports.clock.now();
    if (leftMs <= 0 || asks >= asksAtMost) return pending(ports, shared, connection);
    if (decision.kind === "refresh") {
      asks += 1;
      let report2 = await ask2(ports, decision.request, leftMs);
      if (report2?.outcome === "app_misconfigured") return appMisconfigured(connection, report2);
      if (report2 === void 0) return pending(ports, shared, connection);
      (report2.outcome === "refreshed" || report2.outcome === "backing_off") && (asks = asksAtMost);
    } else
      await ports.clock.wait(Math.min(pollMs, leftMs)), pollMs = Math.min(longestPollMs2, pollMs * 2);
    let again = await ports.store.connections.read(connection.id);
    if (again === void 0) return { kind: "problem", problem: unknownConnection2({ connectionId: connection.id }) };
    connection = again;
  }
}
async function ask2(ports, request, leftMs) {
  let asked2 = ports.refresher.refresh(request).catch((error2) => {
    ports.log.error("The refresh function could not be invoked.", { connection_id: request.connectionId, error: error2 });
  });
  ports.metrics.add("RefreshesAsked", 1);
  let stop = new AbortController();
  try {
    return await Promise.race([asked2, ports.clock.wait(leftMs, stop.signal).then(() => {
    })]);
  } finally {
    stop.abort();
  }
}
async function serve(ports, shared, connection, { grant: grant2, stale }) {
  let [token] = await Promise.all([
    openAccessToken(shared.vault, connection.id, connection.orgId, grant2),
    mark(ports, shared, connection)
  ]);
  return ports.metrics.add(stale ? "StaleTokensServed" : "TokensServed", 1), { kind: "token", token, grant: grant2, stale };
}
async function mark(ports, { marks: marks2, marked }, connection) {
  if (!marks2) return;
  let after = decideReadMark(connection), generation = `${connection.id} ${connection.grant?.id} ${connection.grant?.refreshes}`;
  if (after === void 0 || marked.has(generation)) return;
  marked.size >= marksRemembered && marked.clear(), marked.add(generation);
  let write3 = { ...after, revision: connection.revision + 1, writeId: `${newId(ports.random)}.read` };
  try {
    await ports.store.connections.replace(connection, write3) === "conflict" && marked.delete(generation);
  } catch (error2) {
    marked.delete(generation), ports.log.warn("A read could not be marked.", { connection_id: connection.id, error: error2 });
  }
}
async function pending(ports, shared, connection) {
  let { grant: grant2 } = connection;
  if (grant2 === void 0)
    return { kind: "problem", problem: unknownConnection2({ connectionId: connection.id }) };
  let now = ports.clock.now(), soon = { ...connection, nextRefreshAt: Math.min(connection.nextRefreshAt ?? now, now + 5e3) }, decision = staleOrPending(soon, grant2, now);
  return decision.kind === "serve" ? serve(ports, shared, connection, decision) : decision;
}
function appMisconfigured({ app: app2 }, { detail }) {
  return { kind: "problem", problem: {
    code: "app_misconfigured",
    detail: `App ${app2} cannot refresh; its tokens are kept. ${detail ?? ""}`.trim(),
    retryAfterSeconds: 60
  } };
}
async function withConnect(ports, problem2, order3) {
  if (problem2.code !== "reauthorization_required") return problem2;
  let [use] = await ports.store.usesOf(order3.connectionId, 1, order3.tenant), [app2] = order3.connectionId.split("."), connect2 = { app: app2, ...use ?? {}, ...use === void 0 ? {} : { connection_id: order3.connectionId } };
  return { ...problem2, members: { ...problem2.members, connect: connect2 } };
}

// functions/handlers/token.ts
var sha256 = z20.string().check(z20.regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of the rejected access token, 64 lower-case hex digits")), rejection = z20.strictObject({ rejected_token_sha256: sha256 }), directRequest2 = z20.object({
  version: z20.literal(1),
  kind: z20.literal("read_token"),
  connectionId: z20.string().check(z20.minLength(1), z20.maxLength(128)),
  rejectedTokenSha256: z20.optional(sha256)
});
function createTokenHandler(ports) {
  let readToken = createReadToken(ports), readForUs = createReadToken(ports, { marks: !1 });
  async function read(request) {
    let route = judgeConnectionRoute(request);
    return route.ok ? respond2(await readToken(route.value)) : problemResponse(route.problem);
  }
  async function reject2(request) {
    let route = judgeConnectionRoute(request);
    if (!route.ok) return problemResponse(route.problem);
    let body2 = judgeBody(rejection, request.body);
    return body2.ok ? respond2(await readToken({ ...route.value, rejectedTokenSha256: body2.value.rejected_token_sha256 })) : problemResponse(body2.problem);
  }
  let { log, metrics } = ports, http = createHttpHandler({
    functionName: "token",
    log,
    metrics,
    handlers: { "GET /connections/{id}/token": read, "POST /connections/{id}/token": reject2 }
  }), direct = createInvocationHandler({
    log,
    metrics,
    parse: parseDirect2,
    run: async (order3) => answerOf3(await readForUs(order3))
  });
  return (event, context) => isHttpEvent2(event) ? http(event, context) : direct(event, context);
}
function isHttpEvent2(event) {
  return typeof event == "object" && event !== null && "requestContext" in event;
}
function parseDirect2(event) {
  let parsed2 = directRequest2.safeParse(event);
  if (!parsed2.success) throw new UnreadableItemError("The event is no request for a token of version 1.");
  let { connectionId, rejectedTokenSha256 } = parsed2.data;
  return { connectionId, rejectedTokenSha256 };
}
function answerOf3(reading) {
  if (reading.kind === "problem") {
    let { code, detail } = reading.problem;
    return { version: 1, kind: "problem", code, detail };
  }
  let { token, grant: grant2 } = reading;
  return { version: 1, kind: "token", access_token: token.reveal(), instance_url: grant2.instanceUrl };
}
function respond2(reading) {
  if (reading.kind === "problem") return problemResponse(reading.problem);
  let { token, grant: grant2, stale } = reading;
  return {
    kind: "json",
    status: 200,
    body: {
      access_token: token.reveal(),
      token_type: "Bearer",
      instance_url: grant2.instanceUrl,
      issued_at: rfc3339(grant2.issuedAt),
      expires_at: rfc3339(grant2.expiresAt),
      refresh_after: rfc3339(grant2.refreshAfter),
      ...stale ? { stale: !0 } : {}
    }
  };
}
export {
  StoreUnavailableError,
  appSchema,
  connectionSchema,
  createCallbackHandler,
  createConfigureHandler,
  createConnectHandler,
  createConnectionsHandler,
  createDynamoStore,
  createJoseSealer,
  createJwtBearerHandler,
  createLambdaMaintainer,
  createLambdaRefresher,
  createLambdaTokenReader,
  createMaintainHandler,
  createRefreshHandler,
  createS3Lifeboat,
  createSalesforceApiHttp,
  createSalesforceHttp,
  createScheduleRefreshesHandler,
  createSnsAlertTopic,
  createSqsConfigurationQueue,
  createSqsRefreshQueue,
  createTokenHandler,
  dataKeySchema,
  incidentSchema,
  integrationSchema,
  introductionSchema,
  ledgerSchema,
  sessionSchema,
  usernameSchema
};
