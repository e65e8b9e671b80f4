/**
 * The part of SOQL that the simulator reads: `SELECT fields | COUNT() FROM object [WHERE field = 'text' [AND …]]
 * [LIMIT n]`. Salesforce takes more; a client of this simulator has to do with this (SOQL and SOSL Reference).
 */

export interface SoqlQuery {
  /** As written. */
  readonly fields: readonly string[] | 'count';
  readonly object: string;
  /** All must hold. */
  readonly conditions: readonly SoqlCondition[];
  readonly limit?: number;
}

export interface SoqlCondition {
  readonly field: string;
  readonly value: string;
}

/** `undefined`: it is not of this part. */
export function parseSoql(text: string): SoqlQuery | undefined {
  const parts = text.length > lengthAtMost ? undefined : queryPattern.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { count, fields = '', object = '', where = '', limit } = parts;
  return {
    fields: count === undefined ? fields.split(',').map((field) => field.trim()) : 'count',
    object,
    conditions: [...where.matchAll(conditionsPattern)].map(conditionOf),
    ...(limit !== undefined && { limit: Number(limit) }),
  };
}

const lengthAtMost = 4_000;
const name = String.raw`[A-Za-z]\w*`;
/** A backslash escapes a quote, itself, and the letters of the control characters. */
const quoted = String.raw`'(?:[^'\\]|\\['"\\bBfFnNrRtT_%])*'`;
const condition = String.raw`${name}\s*=\s*${quoted}`;
const conditionsPattern = new RegExp(String.raw`(?<field>${name})\s*=\s*(?<text>${quoted})`, 'g');
const queryPattern = new RegExp(
  [
    String.raw`^\s*SELECT\s+(?:(?<count>COUNT\(\s*\))|(?<fields>${name}(?:\s*,\s*${name})*))`,
    String.raw`\s+FROM\s+(?<object>${name})`,
    String.raw`(?:\s+WHERE\s+(?<where>${condition}(?:\s+AND\s+${condition})*))?`,
    String.raw`(?:\s+LIMIT\s+(?<limit>\d{1,6}))?\s*$`,
  ].join(''),
  'i',
);

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function conditionOf({ groups: { field = '', text = '' } = {} }: RegExpExecArray): SoqlCondition {
  const value = text.slice(1, -1).replace(/\\(.)/g, (_, escaped) => controls[escaped.toLowerCase()] ?? escaped);
  return { field, value };
}
