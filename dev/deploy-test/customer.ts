/** A service of the deployer's and its customer's browser, on their way through connect, Salesforce and callback. */
import assert from 'node:assert/strict';
import type { DeployedApi, Json } from './deployed-api.ts';
import type { RecordingSimulator } from './recording-simulator.ts';

/** Where browsers come back to; nothing is asked there. */
export const returnTo = 'https://app.example/connected';

export interface Invitation extends Json {
  readonly app: string;
  readonly tenant: string;
  readonly integration: string;
}

/** What the browser came back with, in the query of `returnTo`. */
export interface Return {
  readonly session: string;
  readonly status: string;
  readonly claim?: string;
}

export class Customer {
  readonly api: DeployedApi;
  readonly simulator: RecordingSimulator;

  constructor(api: DeployedApi, simulator: RecordingSimulator) {
    this.api = api;
    this.simulator = simulator;
  }

  /** The whole way, the claim included. Answers the session at its end. */
  async connect(username: string, invitation: Invitation): Promise<Json> {
    const back = await this.authorize(username, await this.invite(invitation));
    assert.equal(back.status, 'authorized');
    return this.claim(back);
  }

  /** Like `connect`; answers the connection's id. */
  async connected(username: string, invitation: Invitation): Promise<string> {
    const session = await this.connect(username, invitation);
    assert.equal(session.status, 'connected');
    return String(session.connection_id);
  }

  async invite(invitation: Invitation): Promise<Json> {
    const session = await this.api.call(201, 'POST', '/connect-sessions', { ...invitation, return_to: returnTo });
    assert.equal(session.status, 'pending');
    return session;
  }

  /** As a browser and its user do. */
  async authorize(username: string, { session_id: id, connect_url: link }: Json): Promise<Return> {
    const opened = await this.api.visit(String(link));
    assert.equal(opened.status, 302, opened.body);
    const cookie = (opened.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
    assert.match(cookie, /^__Host-/);
    const callback = this.simulator.authorize(String(opened.headers.location), { username, decision: 'allow' });
    const answer = await this.api.visit(callback, cookie);
    assert.equal(answer.status, 303, answer.body);
    const location = new URL(String(answer.headers.location));
    assert.equal(`${location.origin}${location.pathname}`, returnTo);
    const { connect_session: session = '', status = '', claim } = Object.fromEntries(location.searchParams);
    assert.equal(session, id);
    return { session, status, ...(claim === undefined ? {} : { claim }) };
  }

  /** The service knows by its own cookie that the user who began the session is the one who came back. */
  claim({ session, claim }: Return): Promise<Json> {
    assert.ok(claim, 'the browser came back with a claim');
    return this.api.call(200, 'POST', `/connect-sessions/${session}/claim`, { claim });
  }
}
