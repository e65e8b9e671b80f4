/** Judges values by JSON Schema 2020-12 and words what is wrong in one line. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Schema } from './openapi-routes.ts';

export class SchemaJudge {
  readonly #ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  readonly #compiled = new WeakMap<Schema, ValidateFunction>();

  constructor() {
    addFormats.default(this.#ajv);
  }

  /** What is wrong, or `undefined` where the value fits. */
  judge(schema: Schema, value: unknown): string | undefined {
    const branches = branchesByCode(schema);
    if (branches === undefined) return this.#validate(schema, value);
    const code = (value as { code?: unknown } | null)?.code;
    const branch = branches.get(code);
    if (branch === undefined)
      return `/code must be one of ${[...branches.keys()].join(', ')}; got ${JSON.stringify(code)}`;
    return this.#validate(branch, value);
  }

  #validate(schema: Schema, value: unknown): string | undefined {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(schema);
      this.#compiled.set(schema, validate);
    }
    return validate(value) ? undefined : (validate.errors ?? []).map(worded).join('; ');
  }
}

/** Problems are alternatives told apart by `code`: the one that is meant gives a better message than all of them. */
function branchesByCode(schema: Schema): Map<unknown, Schema> | undefined {
  const branches = schema.oneOf as readonly Schema[] | undefined;
  if (branches === undefined) return undefined;
  const coded = branches.map((branch) => [constOfCode(branch), branch] as const);
  return coded.some(([code]) => code === undefined) ? undefined : new Map(coded);
}

function constOfCode(schema: Schema): unknown {
  const properties = schema.properties as Record<string, { const?: unknown }> | undefined;
  return properties?.code?.const;
}

/** The value itself is left out: it may be a token. */
function worded({ instancePath, message, params }: ErrorObject): string {
  const named = params.additionalProperty ?? params.unevaluatedProperty ?? params.allowedValues ?? params.allowedValue;
  return `${instancePath || '(root)'} ${message}${named === undefined ? '' : ` (${named})`}`;
}
