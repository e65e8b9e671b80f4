/** Wrong edits to the lifeboat: tokens that are not brought there, not looked for there, or drained past a claim. */
import { flow, type Mutant } from './mutant.ts';

export const lifeboatMutants: readonly Mutant[] = [
  {
    name: 'lifeboat drained without a claim',
    edits: [
      flow(
        'drain-lifeboat',
        "{ type: 'drain_asked', generation: attempt.generation, attemptId }",
        "{ type: 'answered', attempt, made: entry.made }",
      ),
      flow('drain-lifeboat', "  if (result === 'wait' || result === 'catch_up') return false;", ''),
    ],
  },
  {
    name: 'lifeboat listed before the claim',
    edits: [
      flow(
        'refresh-connection',
        '  const connection = await ports.store.connections.read(request.connectionId);',
        '  const listed = await ports.lifeboat.ofConnection(request.connectionId);\n  const early = { ...ports, lifeboat: { ...ports.lifeboat, ofConnection: async () => listed } };\n  const connection = await ports.store.connections.read(request.connectionId);',
      ),
      flow(
        'refresh-connection',
        'return await refreshAllowed(ports, shared,',
        'return await refreshAllowed(early, shared,',
      ),
      flow('refresh-connection', '  const early = next(connection, {', '  const first = next(connection, {'),
      flow(
        'refresh-connection',
        "  if (typeof early.outcome === 'object') return { report: report(early.outcome.skipped) };",
        "  if (typeof first.outcome === 'object') return { report: report(first.outcome.skipped) };",
      ),
    ],
  },
  {
    name: 'no lifeboat for refreshes',
    edits: [flow('settle-answer', '!takesNoWrite(error) || !made.rotated', 'made !== undefined')],
  },
  {
    name: 'no lifeboat for callbacks',
    edits: [
      flow(
        'keep-grant',
        '    if (!takesNoWrite(error)) throw error;\n    const { connectionId, grant } = incoming;',
        '    if (error !== undefined) throw error;\n    const { connectionId, grant } = incoming;',
      ),
    ],
  },
  {
    name: 'the old token is sent while the lifeboat cannot be read',
    edits: [
      flow('rescue', "    return { kind: 'unreadable' };", "    return { kind: 'nothing', claimed };"),
      flow('rescue', '    await giveBack(ports, claimed, attemptId, ports.clock.now() + unreadableWaitMs);', ''),
    ],
  },
  {
    name: 'no look into the lifeboat',
    edits: [
      flow(
        'rescue',
        "  if (!maySave) return { kind: 'nothing', claimed };",
        "  if (attemptId !== '') return { kind: 'nothing', claimed };",
      ),
    ],
  },
];
