import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GuardedRequest, guardRequest } from '../../dev/loopback-guard.ts';

const own: GuardedRequest = { method: 'GET', path: '/', port: 3000, host: '127.0.0.1:3000' };
const navigable = (path: string) => path === '/oauth/callback';
const allowed = (changes: Partial<GuardedRequest>) => guardRequest({ ...own, ...changes }, navigable).allowed;

describe('the guard of the listeners', () => {
  it('lets programs pass that name the listener by a loopback name and its port', () => {
    for (const host of ['127.0.0.1:3000', 'localhost:3000', 'LOCALHOST:3000', '[::1]:3000', '127.0.0.2:3000']) {
      assert.equal(allowed({ host }), true, host);
    }
    assert.equal(allowed({ host: 'localhost', port: 80 }), true);
  });

  it('refuses every other Host, for that is how a rebound name shows', () => {
    const foreign = [
      'evil.example:3000',
      '127.0.0.1:3001',
      '127.0.0.1',
      '127.0.0.1.evil.example:3000',
      'localhost.evil.example:3000',
      'localhost.:3000',
      '127.0.0.1:3000@evil.example',
      '0.0.0.0:3000',
      '',
      undefined,
    ];
    for (const host of foreign) assert.equal(allowed({ host }), false, String(host));
  });

  it('refuses what a page of another site sends, by Fetch Metadata or by Origin', () => {
    assert.equal(allowed({ method: 'POST', secFetchSite: 'cross-site' }), false);
    assert.equal(allowed({ secFetchSite: 'cross-site', secFetchMode: 'no-cors', secFetchDest: 'image' }), false);
    assert.equal(allowed({ secFetchSite: 'cross-site', secFetchMode: 'navigate', secFetchDest: 'document' }), false);
    assert.equal(allowed({ method: 'POST', origin: 'https://evil.example' }), false);
    assert.equal(allowed({ method: 'POST', origin: 'http://127.0.0.1:8080' }), false);
    assert.equal(allowed({ method: 'POST', origin: 'null' }), false);
  });

  it('lets pages of its own pass, those that hide their Origin too', () => {
    assert.equal(allowed({ method: 'POST', origin: 'http://127.0.0.1:3000', secFetchSite: 'same-origin' }), true);
    assert.equal(allowed({ method: 'POST', origin: 'null', secFetchSite: 'same-origin' }), true);
    assert.equal(allowed({ secFetchSite: 'none', secFetchMode: 'navigate', secFetchDest: 'document' }), true);
  });

  it('lets a link from another port of loopback be followed, and nothing else from there', () => {
    const link = { secFetchSite: 'same-site', secFetchMode: 'navigate', secFetchDest: 'document' };
    assert.equal(allowed(link), true);
    assert.equal(allowed({ ...link, secFetchDest: 'iframe' }), false);
    assert.equal(allowed({ ...link, secFetchMode: 'no-cors' }), false);
    assert.equal(allowed({ ...link, method: 'POST' }), false);
  });

  it('takes the top-level navigations of the connect flow from anywhere, in no other form', () => {
    const callback = { path: '/oauth/callback', secFetchSite: 'cross-site', secFetchMode: 'navigate' };
    assert.equal(allowed({ ...callback, secFetchDest: 'document' }), true);
    assert.equal(allowed({ ...callback, secFetchDest: 'iframe' }), false);
    assert.equal(allowed({ ...callback, secFetchMode: 'cors' }), false);
    assert.equal(allowed({ ...callback, method: 'POST' }), false);
    assert.equal(allowed({ ...callback, host: 'evil.example:3000' }), false);
    assert.equal(allowed({ path: '/oauth/callback', origin: 'https://evil.example' }), false);
    assert.equal(allowed({ ...callback, path: '/connections' }), false);
  });
});
