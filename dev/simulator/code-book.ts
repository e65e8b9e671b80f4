/**
 * The book of authorization codes: a code lives 15 minutes and works once (salesforce-oauth.md, section 2).
 */
import { digestOf } from './fingerprint.ts';

export interface Authorization {
  clientId: string;
  redirectUri: string;
  scopes: string[];
  /** PKCE S256. */
  codeChallenge: string;
  orgId: string;
  userId: string;
}

interface CodeRecord extends Authorization {
  digest: string;
  issuedAt: number;
  usedAt?: number;
}

export type CodeBookState = CodeRecord[];

const codeLifetimeMs = 15 * 60_000;

export class CodeBook {
  readonly #records = new Map<string, CodeRecord>();

  constructor(state: CodeBookState = []) {
    for (const record of state) this.#records.set(record.digest, { ...record });
  }

  state(): CodeBookState {
    return structuredClone([...this.#records.values()]);
  }

  issue(code: string, authorization: Authorization, at: number): void {
    const digest = digestOf(code);
    this.#records.set(digest, { ...authorization, digest, issuedAt: at });
    const oldest = this.#records.keys().next().value;
    if (this.#records.size > codesKept && oldest !== undefined) this.#records.delete(oldest);
  }

  look(
    code: string,
    at: number,
  ): { state: 'unknown' } | { state: 'spent' } | { state: 'good'; authorization: Authorization } {
    const record = this.#records.get(digestOf(code));
    if (record === undefined) return { state: 'unknown' };
    if (record.usedAt !== undefined || at >= record.issuedAt + codeLifetimeMs) return { state: 'spent' };
    return { state: 'good', authorization: record };
  }

  spend(code: string, at: number): void {
    const record = this.#records.get(digestOf(code));
    if (record !== undefined) record.usedAt = at;
  }
}

const codesKept = 2_000;
