/**
 * A running local stack in a deployer's name, a product on loopback that customers are sent back to, and the steps
 * that a person takes on the simulator's pages.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import type { Person } from './person.ts';

const brand = { name: 'Acme Sync', color: '#0b5cab', colorDark: '#7cc0ff', contact: 'help@acme.example' };

export interface Begun {
  readonly sessionId: string;
  readonly connectUrl: string;
}

export interface World {
  readonly flow: Flow;
  readonly product: Product;
  /** A connect session, as the product's server would begin it. */
  begin(order?: Record<string, unknown>): Promise<Begun>;
  /** On the simulator's page: picks the user and decides, until the browser has left Salesforce. */
  decide(person: Person, decision: 'Allow' | 'Deny', username: string): Promise<void>;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const flow = await startFlow({ change: deployed });
  const product = await startProduct();
  let begun = 0;
  return {
    flow,
    product,
    async begin(order = {}) {
      begun += 1;
      const integration = `sync-${begun}`;
      const { status, body } = await flow.api('POST', '/connect-sessions', {
        app: 'crm',
        tenant: 'acme',
        integration,
        ...order,
      });
      assert.equal(status, 201, JSON.stringify(body));
      return { sessionId: body.session_id, connectUrl: body.connect_url };
    },
    async decide({ page }, decision, username) {
      await page.getByRole('radio', { name: username }).check();
      await page.getByRole('button', { name: decision }).click();
      await page.waitForURL(({ origin }) => origin !== flow.stack.simulatorUrl);
    },
    async close() {
      await product.close();
      await flow.close();
    },
  };
}

/** With the brand, an app that needs its claim, and one whose secret was never set. */
function deployed(ports: Ports): Ports {
  const { crm } = ports.config.apps;
  assert.ok(crm);
  const apps = { ...ports.config.apps, 'crm-claimed': { ...crm, claim: true }, 'crm-unset': crm };
  return {
    ...ports,
    config: { ...ports.config, brand, apps },
    secrets: {
      of: async (app, options) => {
        if (app === 'crm-unset') throw new AppMisconfiguredError(app, 'The client secret was never set.');
        return ports.secrets.of(app === 'crm-claimed' ? 'crm' : app, options);
      },
    },
  };
}

export interface Product {
  readonly url: string;
  readonly visits: { readonly url: URL; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

async function startProduct(): Promise<Product> {
  const visits: Product['visits'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    // A browser asks for a favicon too, whenever it likes.
    if (url.pathname === '/done') visits.push({ url, headers: request.headers });
    // The referrer policy under which whatever a browser would tell is told.
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'unsafe-url' });
    response.end('<!doctype html><html lang="en"><title>The product</title><h1>The product</h1></html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // Another host than ours: cookies go by hosts, whatever the port.
    url: `http://localhost:${(server.address() as AddressInfo).port}/done`,
    visits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
