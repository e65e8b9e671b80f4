/**
 * The port `TableIdentity`: whose items the table holds, looked up at a process's first question and again every two
 * minutes at most, so that a refresh costs no read more.
 *
 * What can change under a warm process: its table's name does not, but a table of that name can be deleted and restored.
 * A restore takes longer than an answer is believed; and while there is no table, the next look finds none and believes
 * nothing. That a table is retired is noticed within two minutes (`retireSettlesMs` waits for that, and for what was begun).
 */
import { StoreUnavailableError } from '../core/errors.ts';
import type { Clock, TableIdentity } from '../core/ports.ts';
import {
  type DescribedTable,
  identityOf,
  judgeTable,
  type TableRecords,
  type TableState,
} from '../core/table-identity.ts';

export interface TableIdentityOptions {
  readonly records: TableRecords;
  readonly clock: Pick<Clock, 'now'>;
  /** Put the item where there is none; a function that may write no items leaves it to others. @default true */
  readonly creates?: boolean;
}

const believedMs = 2 * 60_000;
/** A person has just adopted the table, and waits. */
const restoredBelievedMs = 30_000;
/** The control plane fails apart from the data: what it said is good for so long, while the item itself is read. */
const describedBelievedMs = 15 * 60_000;
const looksAtMost = 3;

export function createTableIdentity({ records, clock, creates = true }: TableIdentityOptions): TableIdentity {
  let known: { readonly state: TableState; readonly until: number } | undefined;
  let described: { readonly table: DescribedTable; readonly at: number } | undefined;
  let looking: Promise<TableState> | undefined;

  async function describe(): Promise<DescribedTable> {
    const table = await records.describe().catch((error: unknown) => {
      if (described === undefined || clock.now() - described.at >= describedBelievedMs) throw error;
      return described.table;
    });
    if (table === undefined) {
      described = undefined;
      throw new StoreUnavailableError('There is no such table, or it is being made or deleted. Try again later');
    }
    if (table !== described?.table) described = { table, at: clock.now() };
    return table;
  }

  async function look(): Promise<TableState> {
    for (let looks = 0; looks < looksAtMost; looks += 1) {
      const table = await describe();
      const judged = judgeTable(table, await records.read());
      if (judged !== 'new') return judged;
      if (!creates) return { kind: 'own' };
      const written = await records.create(identityOf(table, clock.now(), table.tableId));
      if (written === 'written') return { kind: 'own' };
      // Another process was first: it is the same item, unless the table is another by now.
    }
    throw new StoreUnavailableError(`The item with the table's id could not be made in ${looksAtMost} tries.`);
  }

  async function lookOnce(): Promise<TableState> {
    known = undefined;
    const state = await look();
    const forMs = state.kind === 'own' ? believedMs : restoredBelievedMs;
    known = { state, until: clock.now() + forMs };
    return state;
  }

  return {
    async state() {
      if (known !== undefined && clock.now() < known.until) return known.state;
      looking ??= lookOnce().finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}
