/** The deployed HTTP API, as its two kinds of callers see it: services that sign, and browsers with cookies. */
import assert from 'node:assert/strict';
import { type LoopbackAnswer, requestLoopback } from './loopback-request.ts';
import { type Credentials, requestSigned } from './signed-request.ts';

export interface DeployedApiOptions {
  readonly url: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  /** Of a user who may call the service routes. */
  readonly credentials: Credentials;
}

export type Json = Readonly<Record<string, unknown>>;

export class DeployedApi {
  private readonly options: DeployedApiOptions;

  constructor(options: DeployedApiOptions) {
    this.options = options;
  }

  /** A signed request that must be answered with `status`; its body, if it has one. */
  async call(status: number, method: string, path: string, body?: Json): Promise<Json> {
    const answer = await this.signed(this.options.credentials, method, path, body);
    assert.equal(answer.status, status, `${method} ${path} answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    return answer.body === '' ? {} : (JSON.parse(answer.body) as Json);
  }

  signed(credentials: Credentials, method: string, path: string, body?: Json): Promise<LoopbackAnswer> {
    return requestSigned(this.request(method, path, body), 'execute-api', credentials);
  }

  unsigned(method: string, path: string, body?: Json): Promise<LoopbackAnswer> {
    return requestLoopback(this.request(method, path, body));
  }

  /** As a browser asks for a page. */
  visit(url: string, cookie?: string): Promise<LoopbackAnswer> {
    assert.equal(new URL(url).origin, this.options.url, 'the browser is sent to the deployed API');
    const headers = { accept: 'text/html', ...(cookie === undefined ? {} : { cookie }) };
    return requestLoopback({ method: 'GET', url: new URL(url), headers, certificate: this.options.certificate });
  }

  private request(method: string, path: string, body: Json | undefined) {
    return {
      method,
      url: new URL(path, this.options.url),
      certificate: this.options.certificate,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    };
  }
}
