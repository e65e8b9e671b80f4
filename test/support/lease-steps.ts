/** What may happen to a connection under lease, one thing at a time, as often as it happens in life. */
import fc from 'fast-check';
import type { FailureClass } from '../../functions/core/error-table.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const classes: FailureClass[] = ['dead', 'dead', 'dead', 'admin', 'operator', 'transient', 'busy', 'bug', 'unknown'];

export type Step =
  | { kind: 'pass'; ms: number }
  | { kind: 'claim'; behind: number }
  | { kind: 'tokens'; pick: number; rotated: boolean; identityChanged: boolean }
  | { kind: 'refuse'; pick: number; class: FailureClass; fraction: number }
  | { kind: 'silence'; pick: number; fraction: number }
  | { kind: 'crash'; pick: number }
  | { kind: 'withdraw'; pick: number }
  | { kind: 'authorize'; at: number }
  | { kind: 'read' }
  | { kind: 'reject' };

const pick = fc.nat(3);
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 999, 4_999, 5_000, 20_000, 75_000, 3_600_000, 5_400_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('claim' as const), behind: fc.constantFrom(0, 0, 0, 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('tokens' as const),
      pick,
      rotated: fc.boolean(),
      identityChanged: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('refuse' as const), pick, class: fc.constantFrom(...classes), fraction }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), pick, fraction }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('authorize' as const), at: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const) }) },
);
