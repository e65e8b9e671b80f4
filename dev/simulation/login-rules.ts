/**
 * What connections without a browser may never do, not even for a moment: two logins of one making at a time, a verdict
 * that only a browser could mend, an app called misconfigured while an untried key is good, a revoked token in use.
 */
import type { AppState } from '../../functions/core/circuit.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Introduction } from '../../functions/core/introduction.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import { processOf } from './ids.ts';
import type { Monitor } from './monitor.ts';
import type { Sent } from './salesforce-port.ts';
import type { Process } from './world.ts';
import { skewAtMostMs } from './write-rules.ts';

const oneLogin = 'one login at a time';
const noBrowser = 'nobody is sent to a browser';
const eitherKey = 'either key will do';
const oursToRevoke = 'only a disconnect revokes';
/** Whoever had an answer later than this may have too little of his lease left for the other key. */
const secondTryMs = 13_000;
/** Of the function's time, said anew: a request needs this much of it. */
const functionTimeMs = 45_000;

export interface LoginOf {
  readonly username: string;
  /** Of an assertion. */
  readonly keyId?: string;
}

export class LoginRules {
  readonly #monitor: Monitor;
  readonly #inFlight = new Set<Sent>();
  readonly #introductions = new Map<string, Introduction>();
  readonly #keysSent = new Map<Process, Set<string>>();
  readonly #excused = new Set<Process>();
  /** When the stored access token became a connection's, by its text. */
  readonly #storedAt = new Map<string, number>();
  /** At which step tokens ended that we revoked and that nobody could know to be in use again. */
  readonly #revokedAt = new Map<string, number>();
  /** Connections that somebody asked for without an integration: they need no use. */
  readonly unused = new Set<string>();
  readonly #raced = new Set<string>();
  /** Who was given a token last and has not written it yet. */
  readonly #givenTo = new Map<string, Process>();
  /** When the connection of a user was made last, anew or for the first time. */
  readonly #madeAt = new Map<string, number>();
  /** Tokens that a disconnect let go of: what was said of them is forgotten with it. */
  readonly forgotten = new Set<string>();
  #rotatedAt = 0;

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  /** The certificate at Salesforce is replaced. */
  rotated(): void {
    this.#rotatedAt = this.#monitor.world.now();
  }

  mayBeUnused(connectionId: string): void {
    this.unused.add(connectionId);
  }

  couldNotSign(process: Process): void {
    this.#excused.add(process);
  }

  // --- Salesforce ----------------------------------------------------------------------------------------------

  sends(sent: Sent): void {
    const { login, process } = sent;
    if (login === undefined) return;
    for (const other of this.#inFlight) {
      const same = other.login?.username === login.username && other.process.name === process.name;
      if (!same || !other.process.alive) continue;
      // A refresh of what was there before it was disconnected and made again.
      if (process.name === 'refresh' && (this.#madeAt.get(login.username) ?? 0) >= other.sentAt) continue;
      const text = `${sent.token} of process ${process.id} is sent while process ${other.process.id} waits for ${other.token}`;
      this.#monitor.breaks(oneLogin, text);
    }
    this.#inFlight.add(sent);
    if (login.keyId === undefined) return;
    const keys = this.#keysSent.get(process) ?? new Set();
    this.#keysSent.set(process, keys.add(login.keyId));
  }

  /** The caller has its answer, or has given up waiting. */
  over(sent: Sent): void {
    this.#inFlight.delete(sent);
    if (sent.login === undefined) return;
    const now = this.#monitor.world.now();
    const leftMs = sent.process.startedAt + sent.process.timeoutMs - now;
    if (now - sent.sentAt > secondTryMs || leftMs < functionTimeMs + 2 * skewAtMostMs) this.#excused.add(sent.process);
  }

  revokes(process: Process, text: string): void {
    const { breaks, connections, world } = this.#monitor;
    if (world.books.logins.tokenOf(text) === undefined) return;
    let used = false;
    for (const { id, grant } of connections.values()) {
      if (world.sealing.textOf(grant?.accessToken) !== text) continue;
      used = true;
      // Made again while the revocation was under way: nobody could know.
      if ((this.#storedAt.get(text) ?? 0) >= process.startedAt) this.#raced.add(text);
      if (this.#raced.has(text)) continue;
      breaks.call(this.#monitor, oursToRevoke, `${text} is revoked, and ${id} holds it`);
    }
    // Given again, and on its way into the connection: neither of the two could know of the other.
    if (!used && this.#givenTo.get(text)?.alive === true) this.#raced.add(text);
    else if (!used) this.#revokedAt.set(text, world.scheduler.steps);
  }

  /** Made again, or given again, while its revocation was under way. */
  wasRaced(text: string): boolean {
    return this.#raced.has(text);
  }

  /** Given out again by Salesforce: it works. */
  given(process: Process, text: string): void {
    this.#revokedAt.delete(text);
    this.#givenTo.set(text, process);
  }

  // --- The stores ----------------------------------------------------------------------------------------------

  connectionWritten(process: Process, before: Connection | undefined, after: Connection): void {
    const { id, status, cause, grant } = after;
    if (status === 'reauthorization_required' || cause === 'lost_response') {
      this.#monitor.breaks(noBrowser, `${id} is ${status} (${cause}), and has no browser`);
    }
    if (grant?.refreshToken !== undefined) this.#monitor.breaks(noBrowser, `${id} holds a refresh token`);
    const text = this.#monitor.world.sealing.textOf(grant?.accessToken);
    if (text !== undefined && (before?.grant?.id !== grant?.id || before?.grant?.refreshes !== grant?.refreshes)) {
      this.#storedAt.set(text, this.#monitor.world.now());
      this.#givenTo.delete(text);
    }
    if (before?.grant?.id !== grant?.id) this.#made(before, after);
    this.#owed(before, after);
    const failure = grant?.lastFailure;
    if (after.flow !== 'jwt_bearer') return;
    if (failure !== undefined && failure.at !== before?.grant?.lastFailure?.at) this.#eitherKey(process, failure);
  }

  #made(before: Connection | undefined, { app, userId, grant }: Connection): void {
    const { world } = this.#monitor;
    const user = world.books.logins.users.find((one) => one.app === app && one.userId === userId);
    if (user !== undefined) this.#madeAt.set(user.username, world.now());
    const old = world.sealing.textOf(before?.grant?.accessToken);
    if (old !== undefined && grant === undefined) this.forgotten.add(old);
  }

  /** A login that replaces another owes nothing for it; a disconnect does. */
  #owed(before: Connection | undefined, after: Connection): void {
    for (const [id, duty] of Object.entries(after.duties)) {
      if (duty.kind !== 'revoke' || before?.duties[id] !== undefined || duty.reason === 'disconnected') continue;
      this.#monitor.breaks(oursToRevoke, `${after.id} owes the revocation of a login's token as ${duty.reason}`);
    }
    const letGo = before?.grant !== undefined && after.grant === undefined ? before.grant : undefined;
    if (letGo === undefined || after.duties[`revoke.${letGo.id}`] !== undefined) return;
    this.#monitor.breaks(oursToRevoke, `${after.id} was disconnected and does not owe the revocation of its token`);
  }

  /** Done means that it works no more, unless the connection holds it again, or owes its revocation again. */
  dutyDone(id: string, sealed: string, held: readonly (string | undefined)[]): void {
    const { world } = this.#monitor;
    const text = world.sealing.textOf(sealed);
    const token = text === undefined ? undefined : world.books.logins.tokenOf(text);
    if (token === undefined || !world.books.logins.works(token, world.now())) return;
    if (held.some((one) => world.sealing.textOf(one) === text)) return;
    this.#monitor.breaks(oursToRevoke, `${id}: the duty to revoke ${text} was dropped, and it works`);
  }

  appWritten(process: Process, before: AppState | undefined, after: AppState): void {
    const { id, lastFailure } = after;
    if (this.#monitor.world.config.apps[id]?.flow !== 'jwt_bearer') return;
    if (lastFailure !== undefined && lastFailure.at !== before?.lastFailure?.at) this.#eitherKey(process, lastFailure);
  }

  introductionWritten(after: Introduction): void {
    this.#introductions.set(after.id, after);
  }

  #eitherKey(process: Process, { description }: { readonly description: string }): void {
    const { keysKnown, certificates } = this.#monitor.world.books.logins;
    if (description !== 'invalid assertion' || this.#excused.has(process)) return;
    if (this.#rotatedAt >= process.startedAt) return;
    const good = keysKnown.find((id) => certificates.includes(id));
    if (good === undefined || this.#keysSent.get(process)?.has(good) === true) return;
    this.#monitor.breaks(eitherKey, `process ${process.id} was refused, and key ${good}, which is good, was not tried`);
  }

  /** A process that nothing disturbed leaves no introduction behind that it asked for. */
  ended(process: Process): void {
    this.#keysSent.delete(process);
    for (const [text, receiver] of this.#givenTo) if (receiver === process) this.#givenTo.delete(text);
    if (process.disturbed === true) return;
    for (const { id, lease } of this.#introductions.values()) {
      if (lease === undefined || processOf(lease.attempt) !== process.id) continue;
      this.#monitor.breaks('no lease is left', `process ${process.id} left the lease of introduction ${id}`);
    }
  }

  rescued(entry: LifeboatEntry): void {
    const flow = entry.kind === 'code' ? entry.authorization.flow : this.#flowOf(entry.connectionId);
    if (flow === undefined || flow === 'authorization_code') return;
    this.#monitor.breaks('a login needs no lifeboat', `${entry.connectionId} lies in the lifeboat (${entry.kind})`);
  }

  #flowOf(connectionId: string): Connection['flow'] | undefined {
    return this.#monitor.connections.get(connectionId)?.flow;
  }

  // --- What leaves ---------------------------------------------------------------------------------------------

  /** @param begun the step at which the read began */
  served(text: string, begun: number): void {
    const at = this.#revokedAt.get(text);
    if (at === undefined || at > begun) return;
    this.#monitor.breaks('6 reading', `${text} was served after we had revoked it`);
  }

  toldToAuthorize(connectionId: string, body: string): void {
    if (!body.includes('reauthorization_required')) return;
    this.#monitor.breaks(noBrowser, `a reader of ${connectionId} was told to authorize again`);
  }
}
