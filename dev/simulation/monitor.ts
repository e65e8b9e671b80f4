/**
 * Watches every step and compares it with Salesforce's books: what may never happen, not even for a moment. What must
 * hold at rest is judged afterwards (`judge.ts`).
 */
import type { Alert } from '../../functions/core/alert.ts';
import type { AppState } from '../../functions/core/circuit.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Duty } from '../../functions/core/duty.ts';
import type { Integration } from '../../functions/core/integration.ts';
import type { Introduction } from '../../functions/core/introduction.ts';
import type { Ledger } from '../../functions/core/ledger.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import type { ConfigurationEvent, ConfigurationRequest } from '../../functions/core/ports.ts';
import type { Session } from '../../functions/core/session.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import type { Watch } from '../../functions/core/watch.ts';
import { clearMark } from './cleartext.ts';
import { Configurations } from './configurations.ts';
import { keyOf, processOf } from './ids.ts';
import { checkLedgerWrite } from './ledger-rules.ts';
import { checkIntegrationWrite, checkSessionWrite, type ObservedLink, observedLinks } from './link-rules.ts';
import { LoginRules } from './login-rules.ts';
import { checkEviction, Requests } from './requests.ts';
import { type BookGrant, generationOfToken, grantNumberOf, type Made } from './salesforce-books.ts';
import type { Sent } from './salesforce-port.ts';
import { SpikeRules } from './spike-rules.ts';
import { tokenOfEntry, tokensIn } from './tokens-held.ts';
import type { Process, World } from './world.ts';
import { checkConnectionWrite, checkRevocations } from './write-rules.ts';

export interface Broken {
  readonly promise: string;
  readonly detail: string;
  /** Steps so far. */
  readonly step: number;
}

/** A refresh token that Salesforce answered to a process that lived. */
export interface AnsweredToken {
  readonly text: string;
  readonly grant: BookGrant;
  readonly sent: Sent;
  readonly at: number;
  /** It was written to the table or the lifeboat, once at least. */
  durable: boolean;
  /** A write that holds it was asked for. */
  offered: boolean;
}

export class Monitor {
  readonly world: World;
  readonly broken: Broken[] = [];
  readonly answers = new Map<string, AnsweredToken>();
  readonly connections = new Map<string, Connection>();
  readonly sessions = new Map<string, Session>();
  readonly integrations = new Map<string, Integration>();
  /** Whatever else may owe something: apps, incidents. */
  readonly others = new Map<string, { readonly duties?: Readonly<Record<string, Duty>> }>();
  readonly published = new Map<string, Alert>();
  /** Alerts that a write owed. */
  readonly owedAlerts = new Map<string, string>();
  /** Of each grant at Salesforce: the newest generation of its refresh token that was ever durable. */
  readonly durable = new Map<number, number>();
  readonly ledgers = new Map<string, Ledger>();
  readonly configurations: Configurations;
  readonly logins: LoginRules;
  readonly spikes: SpikeRules;
  /** What each exchange made at Salesforce, by the process that asked; none asks twice. */
  readonly exchanged = new Map<number, BookGrant>();
  /** Grants that were a connection's own once. */
  readonly stored = new Set<number>();
  /** Grants that a session obtained and that were not kept. */
  readonly refused = new Set<number>();
  /** Ids of grants whose revocation was given up. */
  readonly givenUp = new Set<string>();
  /** Connections that somebody disconnected, whoever used them. */
  readonly disconnected = new Set<string>();
  /** When the newest grant that a connection was let go of was issued. */
  readonly letGo = new Map<string, number>();
  /** Ids of grants of which Salesforce said what it says of a user alone. */
  readonly blamedOnUser = new Set<string>();
  /** Every link that was ever owed, by its duty's id. */
  readonly links = new Map<string, ObservedLink>();
  /** Whether Salesforce may call a living grant dead twice, which is exempt. */
  liesTwice = false;
  readonly requests: Requests;

  constructor(world: World) {
    this.world = world;
    this.configurations = new Configurations(this);
    this.logins = new LoginRules(this);
    this.spikes = new SpikeRules(this);
    this.requests = new Requests(this);
    world.books.onEvicting = (grant, living) => checkEviction(this, grant, living);
  }

  breaks(promise: string, detail: string): void {
    const { scheduler } = this.world;
    this.world.note(undefined, `✗ ${promise}: ${detail}`);
    this.broken.push({ promise, detail, step: scheduler.steps });
  }

  // --- Salesforce ----------------------------------------------------------------------------------------------

  answered(sent: Sent, made: Made): void {
    if (made.refreshToken === undefined || made.grant === undefined) return;
    this.answers.set(made.refreshToken, {
      text: made.refreshToken,
      grant: made.grant,
      sent,
      at: this.world.now(),
      durable: false,
      offered: false,
    });
  }

  /** Its present refresh token was durable here once. */
  holds(grant: BookGrant): boolean {
    return (this.durable.get(grant.number) ?? -1) >= grant.generation;
  }

  /** Salesforce is about to call this token dead, whatever it is worth. */
  mayLie(token: string): boolean {
    const grant = this.world.books.grantOf(token);
    if (grant === undefined || !grant.alive || !this.world.books.isCurrent(token)) return true;
    if (grant.lies > 0 && !this.liesTwice) return false;
    grant.lies += 1;
    return true;
  }

  /**
   * A process that nothing disturbed leaves no claim behind that it sent nothing for: its own write, retried by the SDK,
   * is its own.
   */
  ended(process: Process): void {
    this.logins.ended(process);
    if (process.asked === true || process.disturbed === true) return;
    for (const { id, grant } of this.connections.values()) {
      if (grant?.lease !== undefined && processOf(grant.lease.attempt) === process.id) {
        this.breaks('3 one refresh at a time', `process ${process.id} claimed ${id}, sent nothing and left its lease`);
      }
    }
    for (const { id, status, attempt } of this.sessions.values()) {
      if (status === 'exchanging' && attempt !== undefined && processOf(attempt.id) === process.id) {
        this.breaks('1 tokens first', `process ${process.id} consumed session ${id} and sent no code`);
      }
    }
  }

  // --- The stores ----------------------------------------------------------------------------------------------

  /** A write is asked for. Tokens first: after an answer, nothing is written before its tokens. */
  writes(process: Process, name: string, item: Versioned): void {
    const texts = new Set(tokensIn(this.world.sealing, item));
    for (const answer of this.answers.values()) {
      if (answer.offered || answer.sent.process !== process) continue;
      if (texts.has(answer.text)) answer.offered = true;
      else if (answer.sent.kind === 'exchange' || this.#isOf(answer, item)) {
        this.breaks('1 tokens first', `${name} ${item.writeId} is written before the tokens of ${answer.text}`);
        answer.offered = true;
      }
    }
  }

  #isOf({ grant }: AnsweredToken, item: Versioned): boolean {
    return 'userId' in item && item.userId === grant.userId && 'orgId' in item && item.orgId === grant.orgId;
  }

  rescues(_process: Process, entry: LifeboatEntry): void {
    const answer = this.answers.get(tokenOfEntry(this.world.sealing, entry) ?? '');
    if (answer !== undefined) answer.offered = true;
  }

  /** A write is applied. */
  written(process: Process, name: string, before: Versioned | undefined, after: Versioned): void {
    this.#keep(tokensIn(this.world.sealing, after));
    switch (name) {
      case 'sessions':
        checkSessionWrite(this, process, before as Session | undefined, after as Session);
        for (const text of tokensIn(this.world.sealing, after)) this.refused.add(grantNumberOf(text));
        checkRevocations(this, before as Session | undefined, after as Session);
        this.sessions.set((after as Session).id, after as Session);
        return;
      case 'integrations':
        checkIntegrationWrite(this, before as Integration | undefined, after as Integration);
        this.configurations.written(before as Integration | undefined, after as Integration, process);
        this.integrations.set(keyOf(after as Integration), after as Integration);
        return;
      case 'ledgers':
        checkLedgerWrite(this, before as Ledger | undefined, after as Ledger);
        this.ledgers.set((after as Ledger).id, after as Ledger);
        return;
      case 'introductions':
        this.logins.introductionWritten(after as Introduction);
        return;
      case 'apps':
      case 'incidents': {
        const { id = '', app = '', type = '' } = after as { id?: string; app?: string; type?: string };
        if (name === 'apps') this.logins.appWritten(process, before as AppState | undefined, after as AppState);
        this.others.set(`${name}/${id}${app}${type}`, after as object);
        return;
      }
      case 'watches':
        this.others.set(`${name}/${(after as Watch).id}`, after as Watch);
        this.spikes.watchWritten(process, before as Watch | undefined, after as Watch);
        return;
      case 'connections':
        this.#connectionWritten(process, before as Connection | undefined, after as Connection);
    }
  }

  #connectionWritten(process: Process, before: Connection | undefined, after: Connection): void {
    if (process.name === 'configure') {
      this.breaks('a configuration touches no token', `${after.id} was written by a configuration (${after.writeId})`);
    }
    this.connections.set(after.id, after);
    if (after.writeId.endsWith('.disconnect')) this.disconnected.add(after.id);
    const grant = this.grantOf(after.grant?.refreshToken);
    if (grant !== undefined) this.stored.add(grant.number);
    if (after.grant?.lastFailure?.description === 'authentication failure') this.blamedOnUser.add(after.grant.id);
    const gone = after.grant === undefined ? this.grantOf(before?.grant?.refreshToken) : undefined;
    if (gone !== undefined) this.letGo.set(after.id, Math.max(gone.issuedAt, this.letGo.get(after.id) ?? 0));
    for (const [id, link] of observedLinks(after))
      this.links.set(id, { ...link, since: this.links.get(id)?.since ?? link.at });
    checkConnectionWrite(this, process, before, after);
    this.spikes.connectionWritten(before, after);
  }

  rescued(entry: LifeboatEntry): void {
    this.logins.rescued(entry);
    this.#keep([tokenOfEntry(this.world.sealing, entry)]);
  }

  /** An entry leaves the lifeboat: its outcome must be stored. */
  removed(entry: LifeboatEntry): void {
    const text = tokenOfEntry(this.world.sealing, entry);
    const grant = text === undefined ? undefined : this.world.books.grantOf(text);
    if (text === undefined || grant === undefined || !grant.alive) return;
    if (this.heldOf(grant).some((held) => generationOfToken(held) >= generationOfToken(text))) return;
    this.breaks('2 no lost grant', `${text} left the lifeboat and is stored nowhere`);
  }

  #keep(texts: readonly (string | undefined)[]): void {
    for (const text of texts) {
      if (text === undefined) continue;
      const answer = this.answers.get(text);
      if (answer !== undefined) answer.durable = true;
      const number = grantNumberOf(text);
      this.durable.set(number, Math.max(this.durable.get(number) ?? -1, generationOfToken(text)));
    }
  }

  /** Refresh tokens of a grant that are in the table now. */
  heldOf(grant: BookGrant): string[] {
    const items: Versioned[] = [...this.connections.values(), ...this.sessions.values()];
    return items
      .flatMap((item) => tokensIn(this.world.sealing, item))
      .filter((text) => this.world.books.grantOf(text) === grant);
  }

  grantOf(sealed: string | undefined): BookGrant | undefined {
    const text = this.world.sealing.textOf(sealed);
    return text === undefined ? undefined : this.world.books.grantOf(text);
  }

  stepRan(event: ConfigurationEvent): void {
    this.configurations.ran(event);
  }

  configurationAsked(request: ConfigurationRequest): void {
    this.configurations.asked(request);
  }

  // --- What leaves ---------------------------------------------------------------------------------------------

  alerted(process: Process, alert: Alert): void {
    const known = this.published.get(alert.id);
    if (known !== undefined && known.type !== alert.type) {
      this.breaks('7 one incident, one alert', `alert ${alert.id} was ${known.type} and is ${alert.type}`);
    }
    this.spikes.published(process, alert);
    this.published.set(alert.id, alert);
    if (JSON.stringify(alert).includes(clearMark)) this.breaks('8 no secret leaks', `alert ${alert.id} holds a secret`);
  }

  logged(line: string): void {
    if (line.includes(clearMark)) this.breaks('8 no secret leaks', `a log line holds a secret: ${line.slice(0, 120)}`);
  }
}
