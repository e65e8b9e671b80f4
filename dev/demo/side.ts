/** One way to keep grants, as the story sees it: the same customer does the same things to each. */
import type { Books } from '../simulator/simulator.ts';

export interface Side {
  /** Of its own simulated Salesforce. */
  readonly books: Books;
  /** The customer presses "connect" and, where she is sent to Salesforce, allows it. */
  connect(integration: string): Promise<ConnectOutcome>;
  /** She asks to be sent to Salesforce once more, though she is connected. */
  authorizeAgain(integration: string): Promise<ConnectOutcome>;
  /** The integration does its work: one read from Salesforce. */
  read(integration: string): Promise<ReadOutcome>;
  /** Time goes by, and what a side does by itself is done. */
  pass(ms: number): Promise<void>;
  /** The operator repairs what the configuration step failed on. */
  mend(): void;
  /** How often the configuration step failed. */
  failedSetUps(): number;
  storedTokens(): Promise<StoredTokens>;
  /** The integrations that are set up. */
  configured(): Promise<readonly string[]>;
  /** What the side itself believes of Salesforce's books; absent: it keeps no count. */
  ledger?(): Promise<LedgerView>;
  close(): Promise<void>;
}

export interface ConnectOutcome {
  /** What came back, as a sentence. */
  readonly answer: string;
  /** Why the set-up failed; absent: it did not. */
  readonly failure?: string;
}

export type ReadOutcome = { readonly kind: 'read' } | { readonly kind: 'failed'; readonly because: string };

/** All that are stored, those of grants that are still to be given back too. */
export interface StoredTokens {
  readonly refresh: readonly string[];
  readonly access: readonly string[];
}

export interface LedgerView {
  /** Authorizations that it has recorded. */
  readonly attempts: number;
  /** Of these, never settled. */
  readonly orphaned: number;
  /** Grants that it believes to live at Salesforce. */
  readonly believed: number;
}
