/** Wrong edits to claims, links, unlinks, configurations and the ledger. */
import { core, flow, type Mutant } from './mutant.ts';

export const useMutants: readonly Mutant[] = [
  {
    name: 'linked without waiting for the claim',
    edits: [
      flow(
        'link-duty',
        "if (claim !== true) return { standing: { kind: 'free' }",
        "if (claim !== null) return { standing: { kind: 'free' }",
      ),
    ],
  },
  {
    name: 'a claim is taken after the end',
    edits: [core('session-claim', ' || session.expiresAt <= now) return undefined;', ') return undefined;')],
  },
  {
    name: 'a claimed session is ended as unclaimed',
    edits: [
      core(
        'session-claim',
        "  if (session?.claimedAt !== undefined) return { keep: true, result: { kind: 'free' } };\n",
        '',
      ),
    ],
  },
  {
    name: 'what was never claimed is kept',
    edits: [
      flow(
        'link-duty',
        "      await abandonIfUnused(ports, connection.id, linkDutyId(duty.sessionId));\n      ports.metrics.add('Unclaimed', 1);",
        "      ports.metrics.add('Unclaimed', 1);",
      ),
    ],
  },
  {
    name: 'given up without a look at the uses',
    edits: [
      flow(
        'abandon-connection',
        'if (uses.length > 0 || current.grant === undefined) return',
        'if (current.grant === undefined) return',
      ),
    ],
  },
  {
    name: 'given up while another link is open',
    edits: [
      core(
        'disconnect',
        '  if (hasOpenLink(duties)) return ownDutyId === undefined ? undefined : { ...connection, duties };\n',
        '',
      ),
    ],
  },
  {
    name: 'given up whatever was written since the uses were read',
    edits: [
      flow(
        'change-by-uses',
        `    const after = { ...decision.write, revision: before.revision + 1, writeId };
    if ((await store.connections.replace(before, after)) ===`,
        `    const latest = (await store.connections.read(connectionId)) ?? before;
    const after = { ...decision.write, revision: latest.revision + 1, writeId };
    if ((await store.connections.replace(latest, after)) ===`,
      ),
    ],
  },
  {
    name: 'two links that come to nothing leave the connection to each other',
    edits: [
      core(
        'disconnect',
        'if (hasOpenLink(duties)) return ownDutyId === undefined ? undefined : { ...connection, duties };',
        'if (hasOpenLink(duties)) return undefined;',
      ),
    ],
  },
  {
    name: 'an unlink disconnects while a link is open',
    edits: [
      flow(
        'unlink-duty',
        "      if (hasOpenLink(current.duties)) return { keep: true, result: 'to_be_linked' };\n",
        '',
      ),
    ],
  },
  {
    name: 'an unlink is overtaken by a link that was asked for before',
    edits: [core('link', 'current.linkedBy === link.by || current.linkedAt > link.at', 'current.linkedBy === link.by')],
  },
  {
    name: 'nobody looks at the connection that an integration moved away from',
    edits: [flow('link-integration', '  await leaveOthers(ports, left, connectionId, item);\n', '')],
  },
  {
    name: 'a revocation is noted before it happened',
    edits: [
      flow(
        'revoke-duty',
        '    const outcome = await revoke(ports, duty, () =>',
        "    await recordRevocation(ports, connection.id, duty.grantId, 'revokedAt');\n    const outcome = await revoke(ports, duty, () =>",
      ),
    ],
  },
  {
    name: 'a revocation is noted where its grant is not entered yet',
    edits: [flow('revoke-duty', '      await enterFirst(ports, connection, duty.grantId);\n', '')],
  },
  {
    name: 'a revocation that is given up raises no alert',
    edits: [
      flow(
        'revoke-duty',
        "  return { kind: 'replaced', by: { [alertDutyId(alertId)]: { ...alert, since: now, dueAt: now, tries: 0 } } };",
        "  return { kind: 'replaced', by: {} };",
      ),
    ],
  },
  {
    // In both places that look at the lease.
    name: 'superseded grants are revoked at once, whatever lease they are under',
    edits: [
      flow('keep-within-budget', 'Math.max(now, duty.lease?.until ?? 0)', 'now'),
      core(
        'revocation',
        'return duty.lease === undefined || duty.lease.until <= now;',
        'return duty.lease === undefined || now > 0;',
      ),
    ],
  },
  {
    name: 'a code is sent before its attempt is in the ledger',
    edits: [
      flow(
        'finish-connect',
        "if (prepared.app.purpose === 'api') await enterAttempt(",
        "if (prepared.app.purpose !== 'api') await enterAttempt(",
      ),
    ],
  },
  {
    name: "an older configuration's outcome overwrites a newer one",
    edits: [core('link', '  if (!mayConfigure(current, version)) return undefined;\n  const reason', '  const reason')],
  },
  {
    name: 'a configuration that fails is taken for one that ran',
    edits: [
      flow('configure-integration', '    return { reason: wordsOf(error), lasting: false };', '    return undefined;'),
    ],
  },
];
