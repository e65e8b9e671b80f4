/**
 * `GET /services/data/vNN.0/query?q=`, for the one object that it knows: `OauthToken`, a user's own grants that have a
 * refresh token (Object Reference, "OauthToken": without the permission Customize Application a user sees its own only;
 * `Id` is reserved and always null). The object's fields that hold tokens are none here, so no query shows one.
 */
import { type Answer, type Call, type Context, jsonAnswer, restError } from './endpoint.ts';
import type { Grant } from './grant-book.ts';
import { nameOf } from './orgs.ts';
import { parseSoql, type SoqlCondition, type SoqlQuery } from './soql.ts';

export function queryOauthTokens(context: Context, { url }: Call, { orgId, userId }: Grant): Answer {
  const text = url.searchParams.get('q') ?? '';
  const query = parseSoql(text);
  if (query === undefined) return malformed(text);
  const refused = refusal(context, text, query);
  if (refused !== undefined) return refused;

  const rows = context.books
    .liveGrants({ orgId, userId })
    .map((grant) => rowOf(context, grant))
    .filter((row) => query.conditions.every((condition) => holds(row, condition)));
  if (query.fields === 'count') return jsonAnswer({ totalSize: rows.length, done: true, records: [] });
  const { fields, limit = rows.length } = query;
  const attributes = { type: object, url: url.pathname.replace(/query\/?$/, `sobjects/${object}/${noId}`) };
  const records = rows.slice(0, limit).map((row) => ({ attributes, ...chosen(row, fields) }));
  return jsonAnswer({ totalSize: records.length, done: true, records });
}

const object = 'OauthToken';
const noId = '000000000000000AAA';
const filterable = ['UserId', 'AppName'];

interface Row {
  Id: null;
  AppName: string;
  LastUsedDate: string;
  UseCount: number;
  UserId: string;
  CreatedDate: string;
}

const fieldNames = [
  'Id',
  'AppName',
  'LastUsedDate',
  'UseCount',
  'UserId',
  'CreatedDate',
] as const satisfies (keyof Row)[];

function rowOf({ apps }: Context, grant: Grant): Row {
  const app = apps.find(({ clientId }) => clientId === grant.clientId);
  return {
    Id: null,
    AppName: app === undefined ? grant.clientId : nameOf(app),
    LastUsedDate: dateTime(grant.lastUsedAt),
    UseCount: grant.useCount,
    UserId: grant.userId,
    CreatedDate: dateTime(grant.createdAt),
  };
}

/** As REST writes it: with an offset, without its colon. */
function dateTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

function refusal({ switches }: Context, text: string, query: SoqlQuery): Answer | undefined {
  if (switches.oauthTokenQuery === 'insufficient_access') {
    return restError(403, 'INSUFFICIENT_ACCESS', 'insufficient access rights on object id');
  }
  if (!isName(object, query.object) || switches.oauthTokenQuery === 'invalid_type') {
    const problem = `sObject type '${query.object}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${reference}`;
    return restError(400, 'INVALID_TYPE', pointed(text, query.object, problem));
  }
  const fields = query.fields === 'count' ? [] : query.fields;
  const unknown = [...fields, ...query.conditions.map(({ field }) => field)].find(
    (field) => fieldOf(field) === undefined,
  );
  if (unknown !== undefined) {
    const problem = `No such column '${unknown}' on entity '${object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${reference}`;
    return restError(400, 'INVALID_FIELD', pointed(text, unknown, problem));
  }
  const twice = fields.find((field, index) => fields.findIndex((other) => isName(other, field)) !== index);
  if (twice !== undefined) return restError(400, 'INVALID_FIELD', `duplicate field selected: ${twice}`);
  return conditionsRefusal(text, query.conditions);
}

const reference = 'Please reference your WSDL or the describe call for the appropriate names.';

/** An administrator would see everybody's grants: a count of one user's has to say whose. */
function conditionsRefusal(text: string, conditions: readonly SoqlCondition[]): Answer | undefined {
  const others = conditions.some(({ field }) => !filterable.some((known) => isName(known, field)));
  const user = conditions.find(({ field }) => isName('UserId', field))?.value;
  if (others || user === undefined) return malformed(text);
  if (/^005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/.test(user)) return undefined;
  return restError(400, 'INVALID_QUERY_FILTER_OPERATOR', pointed(text, 'UserId', `invalid ID field: ${user}`));
}

function malformed(text: string): Answer {
  const known = `SELECT ${fieldNames.join(', ')} (or COUNT()) FROM ${object} WHERE UserId = '005…' [AND AppName = '…'] [LIMIT n]`;
  return restError(400, 'MALFORMED_QUERY', `unexpected query: the simulator takes ${known}; got ${text.slice(0, 200)}`);
}

/** Text is compared without regard to case, an id of 15 characters stands for that of 18. */
function holds(row: Row, { field, value }: SoqlCondition): boolean {
  if (isName('AppName', field)) return row.AppName.toLowerCase() === value.toLowerCase();
  return value.length === 15 ? row.UserId.startsWith(value) : row.UserId === value;
}

function chosen(row: Row, fields: readonly string[]): Record<string, unknown> {
  const names = fields.map(fieldOf).filter((field) => field !== undefined);
  return Object.fromEntries(names.map((field) => [field, row[field]]));
}

function fieldOf(name: string): keyof Row | undefined {
  return fieldNames.find((field) => isName(field, name));
}

function isName(known: string, name: string): boolean {
  return known.toLowerCase() === name.toLowerCase();
}

function pointed(text: string, at: string, problem: string): string {
  const index = Math.max(0, text.indexOf(at));
  return `\n${text}\n${' '.repeat(index)}^\nERROR at Row:1:Column:${index + 1}\n${problem}`;
}
