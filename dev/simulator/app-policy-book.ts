/**
 * What Salesforce's Setup holds for an app, for the flows without a browser: its certificates, who is pre-authorized and
 * whom it runs as. An app begins with its own; what an administrator changes later is written down here.
 */
import { X509Certificate } from 'node:crypto';
import type { SimulatorApp } from './orgs.ts';

export interface AppPolicies {
  /** PEM; the oldest first. */
  certificates: string[];
  preauthorized: 'all' | string[];
  /** `null`: nobody. */
  runAs: string | null;
  /** That are taken, the newest last; it signs. Absent: the one that the app was registered with. */
  clientSecrets?: string[];
}

/** What was changed, by client id. */
export type AppPolicyBookState = Record<string, Partial<AppPolicies>>;

export class AppPolicyBook {
  readonly #changes: Map<string, Partial<AppPolicies>>;

  constructor(state: AppPolicyBookState = {}) {
    this.#changes = new Map(Object.entries(structuredClone(state)));
  }

  state(): AppPolicyBookState {
    return structuredClone(Object.fromEntries(this.#changes));
  }

  of({ clientId, certificates = [], preauthorized = [], runAs }: SimulatorApp): AppPolicies {
    return { certificates, preauthorized, runAs: runAs ?? null, ...this.#changes.get(clientId) };
  }

  /** Adds a certificate, in place of the oldest where there are `most`. */
  upload(app: SimulatorApp, certificate: string, most: number): void {
    this.change(app.clientId, { certificates: [...this.of(app).certificates, certificate].slice(-most) });
  }

  /** What is not named stays. Throws for what is no certificate. */
  change(clientId: string, change: Partial<AppPolicies>): void {
    for (const certificate of change.certificates ?? []) certificateOf(certificate);
    this.#changes.set(clientId, { ...this.#changes.get(clientId), ...structuredClone(change) });
  }
}

/** Throws where it is none that an RS256 signature can be verified with. */
export function certificateOf(pem: string): X509Certificate {
  const certificate = parsed(pem);
  const type = certificate?.publicKey.asymmetricKeyType;
  if (certificate !== undefined && type === 'rsa') return certificate;
  const got = certificate === undefined ? `"${pem.slice(0, 40)}"` : `one of type ${type}`;
  throw new Error(`The simulator needs an X.509 certificate of an RSA key, as PEM, got ${got}.`);
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
