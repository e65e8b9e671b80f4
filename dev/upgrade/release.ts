/**
 * What a release is to the upgrade tests: its handlers and the adapters that read and write what outlives a process
 * (items, messages, invocations, lifeboat, alerts). The release of this tree is imported, one before is a frozen bundle
 * (`freeze-release.ts`), so that both run side by side in one process on one table.
 */
import type { ZodMiniType } from 'zod/mini';
import type { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import type { createTableRecords } from '../../functions/adapters/dynamodb/table-records.ts';
import type { createJoseSealer } from '../../functions/adapters/jose-sealer.ts';
import type { createLambdaAccessRevoker } from '../../functions/adapters/lambda-access-revoker.ts';
import type { createLambdaMaintainer } from '../../functions/adapters/lambda-maintainer.ts';
import type { createLambdaRefresher } from '../../functions/adapters/lambda-refresher.ts';
import type { createLambdaTokenReader } from '../../functions/adapters/lambda-token-reader.ts';
import type { createS3Lifeboat } from '../../functions/adapters/s3-lifeboat.ts';
import type { createSalesforceApiHttp } from '../../functions/adapters/salesforce-api-http.ts';
import type { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import type { createSnsAlertTopic } from '../../functions/adapters/sns-alert-topic.ts';
import type { createSqsConfigurationQueue } from '../../functions/adapters/sqs-configuration-queue.ts';
import type { createSqsRefreshQueue } from '../../functions/adapters/sqs-refresh-queue.ts';
import type { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import type { StoreUnavailableError } from '../../functions/core/errors.ts';
import type { createCallbackHandler } from '../../functions/handlers/callback.ts';
import type { createConfigureHandler } from '../../functions/handlers/configure.ts';
import type { createConnectHandler } from '../../functions/handlers/connect.ts';
import type { createConnectionsHandler } from '../../functions/handlers/connections.ts';
import type { createJwtBearerHandler } from '../../functions/handlers/jwt-bearer.ts';
import type { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import type { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import type { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import type { createTokenHandler } from '../../functions/handlers/token.ts';

export interface Release {
  readonly createDynamoStore: typeof createDynamoStore;
  readonly createJoseSealer: typeof createJoseSealer;
  readonly createLambdaMaintainer: typeof createLambdaMaintainer;
  readonly createLambdaRefresher: typeof createLambdaRefresher;
  readonly createLambdaTokenReader: typeof createLambdaTokenReader;
  readonly createS3Lifeboat: typeof createS3Lifeboat;
  readonly createSalesforceApiHttp: typeof createSalesforceApiHttp;
  readonly createSalesforceHttp: typeof createSalesforceHttp;
  readonly createSnsAlertTopic: typeof createSnsAlertTopic;
  readonly createSqsConfigurationQueue: typeof createSqsConfigurationQueue;
  readonly createSqsRefreshQueue: typeof createSqsRefreshQueue;
  readonly createCallbackHandler: typeof createCallbackHandler;
  readonly createConfigureHandler: typeof createConfigureHandler;
  readonly createConnectHandler: typeof createConnectHandler;
  readonly createConnectionsHandler: typeof createConnectionsHandler;
  readonly createJwtBearerHandler: typeof createJwtBearerHandler;
  readonly createMaintainHandler: typeof createMaintainHandler;
  readonly createRefreshHandler: typeof createRefreshHandler;
  readonly createScheduleRefreshesHandler: typeof createScheduleRefreshesHandler;
  readonly createTokenHandler: typeof createTokenHandler;
  /** Its own: a release knows no other's errors. */
  readonly StoreUnavailableError: typeof StoreUnavailableError;
  /** What each kind of item must look like, and which attributes it may have. */
  readonly connectionSchema: ZodMiniType;
  readonly sessionSchema: ZodMiniType;
  readonly integrationSchema: ZodMiniType;
  readonly ledgerSchema: ZodMiniType;
  readonly introductionSchema: ZodMiniType;
  readonly appSchema: ZodMiniType;
  readonly incidentSchema: ZodMiniType;
  readonly dataKeySchema: ZodMiniType;
  readonly usernameSchema: ZodMiniType;
  /** Not every release has these. */
  readonly watchSchema?: ZodMiniType;
  readonly createLambdaAccessRevoker?: typeof createLambdaAccessRevoker;
  readonly createTableRecords?: typeof createTableRecords;
  readonly createTableIdentity?: typeof createTableIdentity;
}

/** In which file each is. A release may lack the file, or the export in it. */
export const releaseFiles: Readonly<Record<keyof Release, string>> = {
  createDynamoStore: 'functions/adapters/dynamodb/store.ts',
  createTableRecords: 'functions/adapters/dynamodb/table-records.ts',
  createJoseSealer: 'functions/adapters/jose-sealer.ts',
  createLambdaAccessRevoker: 'functions/adapters/lambda-access-revoker.ts',
  createLambdaMaintainer: 'functions/adapters/lambda-maintainer.ts',
  createLambdaRefresher: 'functions/adapters/lambda-refresher.ts',
  createLambdaTokenReader: 'functions/adapters/lambda-token-reader.ts',
  createS3Lifeboat: 'functions/adapters/s3-lifeboat.ts',
  createSalesforceApiHttp: 'functions/adapters/salesforce-api-http.ts',
  createSalesforceHttp: 'functions/adapters/salesforce-http.ts',
  createSnsAlertTopic: 'functions/adapters/sns-alert-topic.ts',
  createSqsConfigurationQueue: 'functions/adapters/sqs-configuration-queue.ts',
  createSqsRefreshQueue: 'functions/adapters/sqs-refresh-queue.ts',
  createTableIdentity: 'functions/adapters/table-identity.ts',
  StoreUnavailableError: 'functions/core/errors.ts',
  connectionSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  sessionSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  integrationSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  ledgerSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  introductionSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  appSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  incidentSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  dataKeySchema: 'functions/adapters/dynamodb/item-schemas.ts',
  usernameSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  watchSchema: 'functions/adapters/dynamodb/item-schemas.ts',
  createCallbackHandler: 'functions/handlers/callback.ts',
  createConfigureHandler: 'functions/handlers/configure.ts',
  createConnectHandler: 'functions/handlers/connect.ts',
  createConnectionsHandler: 'functions/handlers/connections.ts',
  createJwtBearerHandler: 'functions/handlers/jwt-bearer.ts',
  createMaintainHandler: 'functions/handlers/maintain.ts',
  createRefreshHandler: 'functions/handlers/refresh.ts',
  createScheduleRefreshesHandler: 'functions/handlers/schedule-refreshes.ts',
  createTokenHandler: 'functions/handlers/token.ts',
};

export const previousCommit = '8ee7e62';

export async function currentRelease(): Promise<Release> {
  const found = await Promise.all(
    Object.entries(releaseFiles).map(async ([name, file]) => [
      name,
      ((await import(new URL(`../../${file}`, import.meta.url).href)) as Record<string, unknown>)[name],
    ]),
  );
  return Object.fromEntries(found) as Release;
}

/** @param commit short, as in the bundle's name */
export async function frozenRelease(commit: string = previousCommit): Promise<Release> {
  return (await import(new URL(`../../test/upgrade/previous/${commit}.mjs`, import.meta.url).href)) as Release;
}
