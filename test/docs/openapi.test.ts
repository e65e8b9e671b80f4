import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import SwaggerParser from '@apidevtools/swagger-parser';
import type { Severity } from '../../functions/core/alert.ts';
import type { Budget } from '../../functions/core/budget.ts';
import type { AppConfig } from '../../functions/core/config.ts';
import { connectionStatuses, type Flow } from '../../functions/core/connection.ts';
import type { Confidence, Diagnosis } from '../../functions/core/diagnosis.ts';
import type { Actor } from '../../functions/core/error-table.ts';
import { findingCodes, findingSeverities, healthStatuses, type IncidentType } from '../../functions/core/health.ts';
import { appPattern, labelPattern, orgIdPattern, sessionIdPattern, userIdPattern } from '../../functions/core/ids.ts';
import type { IntegrationStatus } from '../../functions/core/integration.ts';
import type { EntryOutcome } from '../../functions/core/ledger.ts';
import { problems } from '../../functions/core/problem.ts';
import { routes } from '../../functions/core/routes.ts';
import { sessionStatuses } from '../../functions/core/session.ts';
import { type Contract, contractPath, loadContract } from '../support/openapi.ts';
import type { HeaderObject, MediaType, Operation, ResponseObject, Schema } from '../support/openapi-routes.ts';
import { SchemaJudge } from '../support/openapi-schemas.ts';

describe('docs/openapi.yaml', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    await SwaggerParser.validate(contractPath);
    assert.match(contract.document.openapi, /^3\.1\./);
  });

  it('has every route of the table and none else', () => {
    const documented = operations(contract).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(documented.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('asks for a signature on service routes and on no other', () => {
    for (const { method, path, operation } of operations(contract)) {
      const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
      const signed = operation.security?.some((alternative) => 'sigv4' in alternative);
      assert.equal(signed, route?.audience === 'service', `${method} ${path}`);
    }
  });

  it('uses only problem codes of the vocabulary, each with its status and title', () => {
    for (const { status, code, title } of documentedProblems(contract)) {
      assert.ok(Object.hasOwn(problems, String(code)), `${code} is not in functions/core/problem.ts`);
      const { status: expectedStatus, title: expectedTitle } = problems[code as keyof typeof problems];
      assert.deepEqual({ status, title }, { status: expectedStatus, title: expectedTitle }, String(code));
    }
  });

  it('puts a problem only under its own status', () => {
    for (const { at, status, media } of problemMedia(contract)) {
      for (const branch of (media.schema.oneOf as Schema[] | undefined) ?? [media.schema]) {
        assert.equal(constant(branch, 'status'), Number(status), at);
      }
    }
  });

  it('names headers only for codes that it uses', () => {
    const used = new Set(documentedProblems(contract).map(({ code }) => code));
    for (const code of Object.keys(contract.document['x-problem-headers'])) assert.ok(used.has(code), code);
  });

  it('has the names and states of the core', () => {
    const schemas = contract.document.components.schemas as Record<string, Schema>;
    const patterns = { AppName: appPattern, Label: labelPattern, OrgId: orgIdPattern, UserId: userIdPattern };
    for (const [name, pattern] of Object.entries({ ...patterns, SessionId: sessionIdPattern })) {
      assert.equal(schemas[name]?.pattern, pattern.source, name);
    }
    assert.deepEqual(schemas.ConnectionStatus?.enum, [...connectionStatuses]);
    const flows: Record<Flow, true> = { authorization_code: true, jwt_bearer: true, client_credentials: true };
    assert.deepEqual(property(schemas.ConnectionFields, 'flow')?.enum, Object.keys(flows));
    const sessionProperties = schemas.Session?.properties as Record<string, { enum: string[] }>;
    assert.deepEqual(sessionProperties.status?.enum, [...sessionStatuses]);
  });

  it('has the outcomes of the ledger, the parts of the budget and the shown states of an integration', () => {
    const schemas = contract.document.components.schemas as Record<string, Schema>;
    const outcomes: Record<EntryOutcome, true> = {
      exchanging: true,
      stored: true,
      refused: true,
      failed: true,
      orphaned: true,
    };
    const states: Record<Exclude<IntegrationStatus, 'unlinked'>, true> = {
      linked: true,
      configured: true,
      configuration_failed: true,
    };
    const budget: Record<keyof Budget, true> = { limit: true, stored: true, owed: true, orphans: true };
    assert.deepEqual(property(schemas.GrantEntry, 'outcome')?.enum, Object.keys(outcomes));
    assert.deepEqual(schemas.ConfigurationStatus?.enum, Object.keys(states));
    const shown = property(schemas.GrantLimitNearProblem, 'budget');
    assert.deepEqual(Object.keys(shown?.properties ?? {}), Object.keys(budget));
    assert.deepEqual(shown?.required, Object.keys(budget));
  });

  it('has the words of a diagnosis', () => {
    const schemas = contract.document.components.schemas as Record<string, Schema>;
    const confidences: Record<Confidence, true> = { certain: true, likely: true, possible: true };
    const actors: Record<Actor, true> = { user: true, administrator: true, operator: true, nobody: true };
    const members: Record<keyof Diagnosis, true> = {
      cause: true,
      confidence: true,
      evidence: true,
      actor: true,
      remedy: true,
      page: true,
    };
    assert.deepEqual(property(schemas.Diagnosis, 'confidence')?.enum, Object.keys(confidences));
    assert.deepEqual(property(schemas.Diagnosis, 'actor')?.enum, Object.keys(actors));
    assert.deepEqual(schemas.Diagnosis?.required, Object.keys(members));
    assert.deepEqual(Object.keys(schemas.Diagnosis?.properties ?? {}), Object.keys(members));
  });

  it('has the words of health', () => {
    const schemas = contract.document.components.schemas as Record<string, Schema>;
    const types: Record<IncidentType, true> = {
      invalid_grant_spike: true,
      fleet_incident: true,
      refresh_backlog: true,
      tokens_in_lifeboat: true,
      table_restored: true,
    };
    const severities: Record<Severity, true> = { critical: true, warning: true, info: true };
    const flows: Record<Flow, true> = { authorization_code: true, jwt_bearer: true, client_credentials: true };
    const purposes: Record<AppConfig['purpose'], true> = { api: true, sign_in: true };
    assert.deepEqual(property(schemas.Health, 'status')?.enum, [...healthStatuses]);
    const byStatus = property(schemas.HealthCounts, 'by_status');
    assert.deepEqual(Object.keys(byStatus?.properties ?? {}), [...connectionStatuses]);
    assert.deepEqual(byStatus?.required, [...connectionStatuses]);
    assert.deepEqual(property(schemas.HealthIncident, 'type')?.enum, Object.keys(types));
    assert.deepEqual(property(schemas.HealthIncident, 'severity')?.enum, Object.keys(severities));
    assert.deepEqual(property(schemas.HealthApp, 'flow')?.enum, Object.keys(flows));
    assert.deepEqual(property(schemas.HealthApp, 'purpose')?.enum, Object.keys(purposes));
    assert.deepEqual(property(schemas.HealthFinding, 'code')?.enum, [...findingCodes]);
    assert.deepEqual(property(schemas.HealthFinding, 'severity')?.enum, [...findingSeverities]);
  });

  it('lets every service route answer forbidden itself, but those of tokens, which the gateway guards', () => {
    for (const { method, path, operation } of operations(contract)) {
      const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
      const judges = route?.audience === 'service' && !path.endsWith('/token');
      const own = operation.responses['403']?.content?.['application/problem+json'];
      assert.equal(
        own === undefined ? undefined : constant(own.schema, 'code'),
        judges ? 'forbidden' : undefined,
        path,
      );
    }
  });

  it('gives the gateway its own answers on every route', () => {
    for (const { at, status, response } of responsesOf(contract)) {
      if (!['400', '403', '404', '413', '429', '500', '503', '504'].includes(status)) continue;
      assert.ok(response.content?.['application/json'], at);
    }
    for (const { method, path, operation } of operations(contract)) {
      for (const status of Object.keys(contract.document['x-unrouted'])) {
        assert.ok(operation.responses[status], `${method} ${path} → ${status}`);
      }
    }
  });

  it('gives only examples that fit their schemas', () => {
    const judge = new SchemaJudge();
    for (const { at, media, example } of allExamples(contract)) {
      assert.equal(judge.judge(media.schema, example), undefined, at);
    }
    for (const { at, header } of allHeaders(contract)) {
      if (header.example !== undefined) assert.equal(judge.judge(header.schema, header.example), undefined, at);
    }
  });

  it('gives an example of each body of JSON that is taken or answered', () => {
    for (const { at, media } of allMedia(contract)) {
      if (at.endsWith('text/html')) continue;
      assert.ok(media.example !== undefined || Object.keys(media.examples ?? {}).length > 0, at);
    }
  });

  it('closes every body: an unknown property fits none', () => {
    const judge = new SchemaJudge();
    for (const { at, media, example } of allExamples(contract)) {
      const drifted = { ...(example as object), drift: true };
      assert.match(judge.judge(media.schema, drifted) ?? '', /drift/, at);
    }
  });
});

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function operations({ document }: Contract): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function responsesOf(contract: Contract): { at: string; status: string; response: ResponseObject }[] {
  const unrouted = { method: '*', path: '*', operation: { responses: contract.document['x-unrouted'] } };
  return [...operations(contract), unrouted].flatMap(({ method, path, operation }) =>
    Object.entries(operation.responses).map(([status, response]) => ({
      at: `${method} ${path} → ${status}`,
      status,
      response,
    })),
  );
}

function allMedia(contract: Contract): { at: string; media: MediaType }[] {
  const answers = responsesOf(contract).flatMap(({ at, response }) =>
    Object.entries(response.content ?? {}).map(([type, media]) => ({ at: `${at} ${type}`, media })),
  );
  const requests = operations(contract).flatMap(({ method, path, operation }) =>
    Object.values(operation.requestBody?.content ?? {}).map((media) => ({ at: `${method} ${path}`, media })),
  );
  return [...answers, ...requests];
}

function allExamples(contract: Contract): { at: string; media: MediaType; example: unknown }[] {
  return allMedia(contract).flatMap(({ at, media }) => {
    const named = Object.entries(media.examples ?? {}).map(([name, { value }]) => ({ at: `${at} ${name}`, value }));
    const single = media.example === undefined ? [] : [{ at, value: media.example }];
    return [...single, ...named].map((one) => ({ at: one.at, media, example: one.value }));
  });
}

function allHeaders(contract: Contract): { at: string; header: HeaderObject }[] {
  return responsesOf(contract).flatMap(({ at, response }) =>
    Object.entries(response.headers ?? {}).map(([name, header]) => ({ at: `${at} ${name}`, header })),
  );
}

function problemMedia(contract: Contract): { at: string; status: string; media: MediaType }[] {
  return responsesOf(contract).flatMap(({ at, status, response }) => {
    const media = response.content?.['application/problem+json'];
    return media === undefined ? [] : [{ at, status, media }];
  });
}

function documentedProblems(contract: Contract): { code: unknown; status: unknown; title: unknown }[] {
  return problemMedia(contract)
    .flatMap(({ media }) => (media.schema.oneOf as Schema[] | undefined) ?? [media.schema])
    .map((schema) => ({
      code: constant(schema, 'code'),
      status: constant(schema, 'status'),
      title: constant(schema, 'title'),
    }));
}

function constant(schema: Schema, name: string): unknown {
  return property(schema, name)?.const;
}

function property(schema: Schema | undefined, name: string): Schema | undefined {
  return (schema?.properties as Record<string, Schema> | undefined)?.[name];
}
