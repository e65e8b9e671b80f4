/**
 * The HTTP API's own host name. The callback URL stands in every external client app, and only a person can change it there:
 * it must outlive the API, whose own address is new with each stack.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html
 */
import { Stack, Token } from 'aws-cdk-lib';
import { DomainName, EndpointType, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { ConfigurationError } from '../functions/core/errors.ts';
import { type Kinds, made, requireKinds } from './kinds.ts';
import { requireKnownProps } from './known-props.ts';

export interface ApiDomainProps {
  /** `grants.example.com`: no wildcard, for browsers and Salesforce are sent to it. */
  readonly domainName: string;
  /** Of ACM, in the stack's region, for this name. */
  readonly certificate: ICertificate;
  /** Where the name's alias record goes. @default - none: point it at output `DomainTarget` yourself */
  readonly hostedZone?: IHostedZone;
}

export class ApiDomain extends Construct {
  readonly domainName: DomainName;
  /** `https://` and the name. */
  readonly origin: string;
  /** What a record of the name must point at; absent where the record is made. */
  readonly target: string | undefined;

  /** @throws ConfigurationError where the name is none or not of the zone, or the certificate is elsewhere */
  constructor(scope: Construct, id: string, props: ApiDomainProps) {
    super(scope, id);
    requireKnownProps('the deployment', 'domainName', props, { domainName: true, certificate: true, hostedZone: true });
    requireKinds('domainName.', props, kinds);
    const { domainName, certificate, hostedZone } = props;
    requireHostName(domainName);
    requireCertificate(certificate, Stack.of(this).region);
    this.domainName = new DomainName(this, 'DomainName', {
      domainName,
      certificate,
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    this.origin = `https://${domainName}`;
    this.target = hostedZone === undefined ? this.domainName.regionalDomainName : undefined;
    if (hostedZone !== undefined) this.addRecord(domainName, hostedZone);
  }

  private addRecord(recordName: string, zone: IHostedZone): void {
    requireInZone(recordName, zone.zoneName);
    const { regionalDomainName, regionalHostedZoneId } = this.domainName;
    const target = new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId);
    // With the dot at its end, lest the zone's name be put behind it once more.
    new ARecord(this, 'Alias', { zone, recordName: `${recordName}.`, target: RecordTarget.fromAlias(target) });
  }
}

const kinds: Kinds<ApiDomainProps> = {
  certificate: made(
    'certificateArn',
    "a certificate, such as Certificate.fromCertificateArn(stack, 'Certificate', '…')",
  ),
  hostedZone: made('zoneName', 'a zone, such as HostedZone.fromHostedZoneAttributes(stack, …)'),
};

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostName = new RegExp(`^(?:${label}\\.)+[a-z][a-z0-9-]*[a-z0-9]$`);

function requireHostName(name: string): void {
  if (typeof name === 'string' && (Token.isUnresolved(name) || (name.length <= 253 && hostName.test(name)))) return;
  throw refusal(
    'domainName',
    `must be a host name in lower case such as grants.example.com, and nothing more; got ${name}`,
  );
}

/** Those for a CDN are made in us-east-1, and are the ones at hand. */
function requireCertificate(certificate: ICertificate | undefined, region: string): void {
  const arn = certificate?.certificateArn;
  if (arn === undefined) throw refusal('certificate', 'must be given: of ACM, in the stack’s region, for this name');
  if (Token.isUnresolved(arn)) return;
  const found = /^arn:[^:]+:acm:([^:]+):\d{12}:certificate\/.+$/.exec(arn)?.[1];
  if (found === undefined) throw refusal('certificate', `must be a certificate of ACM; got ${arn}`);
  if (Token.isUnresolved(region) || found === region) return;
  throw refusal('certificate', `must be of the stack’s region, ${region}; got ${arn}`);
}

function requireInZone(name: string, zoneName: string): void {
  if (Token.isUnresolved(name) || Token.isUnresolved(zoneName)) return;
  const zone = zoneName.replace(/\.$/, '');
  if (name === zone || name.endsWith(`.${zone}`)) return;
  throw refusal('domainName', `must lie in the hosted zone ${zone}, where its record goes; got ${name}`);
}

function refusal(path: string, message: string): ConfigurationError {
  return new ConfigurationError('the deployment', [{ path: `domainName.${path}`, message }]);
}
