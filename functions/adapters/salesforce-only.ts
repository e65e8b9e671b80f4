/**
 * The last gate before Salesforce: tokens, secrets, codes and assertions go to Salesforce's hosts and the one extra
 * origin of the configuration, whatever an item names. Login hosts and instances are judged when they are stored; but
 * whoever may write an item and open no seal of it could name a host of their own there, and have us open and send.
 */
import { ForeignHostError } from '../core/errors.ts';
import { isSalesforceUrl, loginOrigin } from '../core/hosts.ts';
import type { Salesforce, SalesforceApi } from '../core/ports.ts';

/** @throws ForeignHostError before anything is sent */
export function salesforceOnly(salesforce: Salesforce, extraOrigin: string | undefined): Salesforce {
  const at = (loginUrl: string): Salesforce => {
    if (loginOrigin(loginUrl, extraOrigin) !== undefined) return salesforce;
    throw new ForeignHostError('login host', loginUrl);
  };
  return {
    exchangeCode: async (loginUrl, ...all) => at(loginUrl).exchangeCode(loginUrl, ...all),
    refresh: async (loginUrl, ...all) => at(loginUrl).refresh(loginUrl, ...all),
    exchangeAssertion: async (loginUrl, ...all) => at(loginUrl).exchangeAssertion(loginUrl, ...all),
    askAsClient: async (loginUrl, ...all) => at(loginUrl).askAsClient(loginUrl, ...all),
    revoke: async (loginUrl, ...all) => at(loginUrl).revoke(loginUrl, ...all),
    introspect: async (loginUrl, ...all) => at(loginUrl).introspect(loginUrl, ...all),
  };
}

/** @throws ForeignHostError before anything is sent */
export function orgsOfSalesforceOnly(api: SalesforceApi, extraOrigin: string | undefined): SalesforceApi {
  const at = (instanceUrl: string): SalesforceApi => {
    if (isSalesforceUrl(instanceUrl, extraOrigin)) return api;
    throw new ForeignHostError('instance', instanceUrl);
  };
  return {
    identity: async (instanceUrl, ...all) => at(instanceUrl).identity(instanceUrl, ...all),
    query: async (instanceUrl, ...all) => at(instanceUrl).query(instanceUrl, ...all),
  };
}
