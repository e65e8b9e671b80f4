/**
 * What every implementation of the port `Store` must do, in one suite: the memory twin, dynalite and any other engine
 * are held to it.
 */
import { after, before, describe } from 'node:test';
import type { Store } from '../../functions/core/ports.ts';
import { collectionContract } from './collection-contract.ts';
import { countContract } from './count-contract.ts';
import { dataKeyContract } from './data-key-contract.ts';
import { dueContract } from './due-contract.ts';
import { dutyContract } from './duty-contract.ts';
import { ledgerContract } from './ledger-contract.ts';
import { listContract } from './list-contract.ts';
import { refusalContract } from './refusal-contract.ts';
import { usernameContract } from './username-contract.ts';
import { usesContract } from './uses-contract.ts';
import { waitingReadersContract } from './waiting-readers-contract.ts';
import { watchContract } from './watch-contract.ts';

/** An empty store, on a table of its own. */
export type MakeStore = (options?: { shards?: number }) => Promise<Store>;

/** Started before the suite and stopped after it. */
export interface StoreEngine {
  start(): Promise<void>;
  readonly makeStore: MakeStore;
  stop(): Promise<void>;
}

/** @param name of the implementation, in the titles */
export function storeContract(name: string, engine: StoreEngine | MakeStore): void {
  const makeStore = typeof engine === 'function' ? engine : engine.makeStore;
  describe(`the store contract on ${name}`, () => {
    if (typeof engine !== 'function') {
      before(() => engine.start());
      after(() => engine.stop());
    }
    collectionContract(makeStore);
    refusalContract(makeStore);
    dueContract(makeStore);
    dutyContract(makeStore);
    ledgerContract(makeStore);
    listContract(makeStore);
    countContract(makeStore);
    watchContract(makeStore);
    usesContract(makeStore);
    usernameContract(makeStore);
    waitingReadersContract(makeStore);
    dataKeyContract(makeStore);
  });
}
