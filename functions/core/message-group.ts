/**
 * In which queue group each due connection goes: its org's, worked off one batch after the other, so that no org is
 * stampeded. An org of very many users would wait in it for hours: it is split over a few groups.
 *
 * Nobody counts an org's users; one page of what is due shows whether many of them are due at once. A page is one
 * shard's, so so many in it stand for sixteen times as many. Which part a connection falls into is stable, so the
 * queue's deduplication mostly holds; where an org begins or ceases to be split, the claim ends what comes twice.
 */
import { createHash } from 'node:crypto';
import type { DueConnection } from './ports.ts';

/** Connections of one org in a page of a hundred above which it is split. */
export const splitAbove = 20;
export const groupsOfLargeOrg = 4;

type Due = Pick<DueConnection, 'connectionId' | 'orgId'>;

/** @param page as the index gave it: one shard's */
export function groupIn(page: readonly Due[]): (due: Due) => string {
  const perOrg = new Map<string, number>();
  for (const { orgId } of page) perOrg.set(orgId, (perOrg.get(orgId) ?? 0) + 1);
  return ({ connectionId, orgId }) =>
    (perOrg.get(orgId) ?? 0) > splitAbove ? `${orgId}.${partOf(connectionId)}` : orgId;
}

/** Not the shards' hash: a page of one shard would fall into few parts. */
function partOf(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt8(0) % groupsOfLargeOrg;
}
