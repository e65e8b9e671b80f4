/**
 * The HTTP API: every route of `functions/core/routes.ts`, service routes signed (SigV4), browser routes public.
 *
 * Each path takes every method: a wrong one goes to the function of the path's first route, so that it is answered by us
 * (405, a problem document that names the methods of all of the path's routes) and not by the gateway. The access log names the route, never the path or the query: those of the
 * browser routes hold link secrets, states and codes.
 */
import { Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi as Api,
  type CfnStage,
  HttpMethod,
  HttpNoneAuthorizer,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import {
  type Capability,
  type FunctionName,
  namesConnection,
  type Route,
  routes,
  serviceRoutes,
} from '../functions/core/routes.ts';
import { acknowledgePublicRoute } from './acknowledgements.ts';
import { ApiDomain, type ApiDomainProps } from './api-domain.ts';
import type { Functions } from './functions.ts';
import { EncryptedLogGroup } from './log-group.ts';
import type { StorageKey } from './storage-key.ts';
import { routeSettings, type Throttles } from './throttles.ts';

export interface HttpApiProps {
  readonly storageKey: StorageKey;
  /** Of each route that `throttles` leaves out: steady rate, in requests a second. */
  readonly requestsPerSecond: number;
  /** Requests taken at once above it. */
  readonly burst: number;
  /** @default - the same for every route */
  readonly throttles?: Throttles;
  /** Its own name; the default endpoint is closed then. @default - API Gateway's name */
  readonly domain?: ApiDomainProps;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** @default true */
  readonly retain?: boolean;
}

export class HttpApi extends Construct {
  readonly api: Api;
  readonly domain: ApiDomain | undefined;
  private readonly stage: CfnStage;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    this.api = new Api(this, 'Api', {
      description: 'Grantkeeper',
      createDefaultStage: false,
      disableExecuteApiEndpoint: props.domain !== undefined,
    });
    this.domain = props.domain === undefined ? undefined : new ApiDomain(this, 'Domain', props.domain);
    const accessLog = new EncryptedLogGroup(this, 'AccessLog', props);
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.requestsPerSecond, burstLimit: props.burst },
      domainMapping: this.domain && { domainName: this.domain.domainName },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    });
    const { requestsPerSecond, burst, throttles = {} } = props;
    this.stage = stage.node.defaultChild as CfnStage;
    this.stage.routeSettings = routeSettings(routes, throttles, { requestsPerSecond, burst });
  }

  /** The API's origin, without a slash at the end. */
  get endpoint(): string {
    return this.domain?.origin ?? this.api.apiEndpoint;
  }

  /** Adds every route. Apart from the constructor, for the functions need the endpoint first. */
  addRoutesTo(functions: Functions): void {
    const integrations = new Map<FunctionName, HttpLambdaIntegration>();
    const integrationOf = (name: FunctionName) => {
      const integration =
        integrations.get(name) ?? new HttpLambdaIntegration(`${name}-integration`, functions.get(name).function);
      integrations.set(name, integration);
      return integration;
    };
    for (const route of routes) this.addRoute(route, [HttpMethod[route.method]], integrationOf(route.function));
    for (const route of firstOfEachPath()) this.addRoute(route, [HttpMethod.ANY], integrationOf(route.function));
  }

  /**
   * Lets `grantee` call the service routes of these capabilities.
   *
   * @param app where the path names a connection, those of this app only. @default all
   * @returns the policy that says so, where the grantee has one
   */
  allowCalling(grantee: IGrantable, granted: readonly Capability[], app?: string): IConstruct | undefined {
    const called = serviceRoutes.filter(({ capability }) => granted.includes(capability));
    const { policyDependable } = grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['execute-api:Invoke'],
        resources: called.map((route) => this.arnOf(route, app)),
      }),
    );
    if (Construct.isConstruct(policyDependable)) return policyDependable;
    // A role names its policy only at the end of the synth, when nothing can be tied to it any more.
    const principal = grantee.grantPrincipal;
    return Construct.isConstruct(principal) ? principal.node.tryFindChild('DefaultPolicy') : undefined;
  }

  private addRoute({ path, audience }: Route, methods: HttpMethod[], integration: HttpLambdaIntegration): void {
    const authorizer = audience === 'service' ? new HttpIamAuthorizer() : new HttpNoneAuthorizer();
    const added: HttpRoute[] = this.api.addRoutes({ path, methods, integration, authorizer });
    // A stage with settings for a route that is not there yet is refused.
    for (const route of added) this.stage.node.addDependency(route);
    if (audience === 'browser') added.forEach(acknowledgePublicRoute);
  }

  private arnOf(route: Route, app: string | undefined): string {
    // A connection's id is `<app>.<org>.<user>`, and an app's name holds no dot: no other app's id begins so.
    const path = app !== undefined && namesConnection(route) ? route.path.replace('{id}', `${app}.*`) : route.path;
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `$default/${route.method}${path.replaceAll(/\{[^}]+\}/g, '*')}`,
    });
  }
}

const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    routeKey: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    ip: '$context.identity.sourceIp',
    integrationError: '$context.integration.error',
  }),
);

/** @throws Error where a path's routes differ in audience: its ANY route could be for one of them only. */
function firstOfEachPath(): readonly Route[] {
  const byPath = new Map<string, Route>();
  for (const route of routes) {
    const first = byPath.get(route.path) ?? route;
    if (first.audience !== route.audience) {
      throw new Error(`all routes of ${route.path} must have one audience, for its ANY route has`);
    }
    byPath.set(route.path, first);
  }
  return [...byPath.values()];
}
