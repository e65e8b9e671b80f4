import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { ConfigurationError } from '../../functions/core/errors.ts';
import type { ApiDomainProps } from '../../lib/api-domain.ts';
import { Grantkeeper, type GrantkeeperProps } from '../../lib/grantkeeper.ts';
import { emptyApp, exampleConfig, stackWith } from './synthesized.ts';
import { functionOf, onlyResource, resourcesOf } from './template-reading.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/c';

/** @param zoneName of the hosted zone; `undefined`: there is none */
function withDomain(domainName: string, zoneName?: string, config = exampleConfig): Template {
  const app = emptyApp();
  const theirs = new Stack(app, 'Theirs');
  const certificate = Certificate.fromCertificateArn(theirs, 'Certificate', certificateArn);
  const hostedZone = zoneName && HostedZone.fromHostedZoneAttributes(theirs, 'Zone', { hostedZoneId: 'Z1', zoneName });
  const domain = { domainName, certificate, ...(hostedZone ? { hostedZone } : {}) };
  return Template.fromStack(stackWith({ app, config, allowExecuteApiUrl: false, domainName: domain }));
}

const name = 'grants.example.com';

describe('a domain of its own', () => {
  const template = withDomain(name, 'example.com');
  const [domainId, domain] = onlyResource(template, 'AWS::ApiGatewayV2::DomainName');
  const [apiId, api] = onlyResource(template, 'AWS::ApiGatewayV2::Api');

  it('has its certificate, and TLS 1.2 at least', () => {
    assert.equal(domain.Properties.DomainName, name);
    assert.deepEqual(domain.Properties.DomainNameConfigurations, [
      { CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
    ]);
  });

  it('leads to the API’s stage, whose own address is closed', () => {
    const [, mapping] = onlyResource(template, 'AWS::ApiGatewayV2::ApiMapping');
    assert.deepEqual(mapping.Properties.ApiId, { Ref: apiId });
    assert.deepEqual(mapping.Properties.DomainName, { Ref: domainId });
    assert.equal(mapping.Properties.Stage, '$default');
    const { DependsOn } = mapping as { DependsOn?: string[] };
    assert.ok(DependsOn?.includes(onlyResource(template, 'AWS::ApiGatewayV2::Stage')[0]));
    assert.equal(mapping.Properties.ApiMappingKey, undefined);
    assert.equal(api.Properties.DisableExecuteApiEndpoint, true);
  });

  it('is the public address, the callback’s and the API’s, in functions and outputs', () => {
    for (const one of ['connect', 'callback'] as const) {
      assert.equal(functionOf(template, one)[1].Properties.Environment.Variables.PUBLIC_URL, `https://${name}`);
    }
    template.hasOutput('CallbackUrl', { Value: `https://${name}/oauth/callback` });
    template.hasOutput('ApiUrl', { Value: `https://${name}` });
  });

  it('has its alias record in the hosted zone', () => {
    const [, { Properties }] = onlyResource(template, 'AWS::Route53::RecordSet');
    assert.deepEqual([Properties.Name, Properties.Type, Properties.HostedZoneId], [`${name}.`, 'A', 'Z1']);
    assert.deepEqual(Properties.AliasTarget.DNSName, { 'Fn::GetAtt': [domainId, 'RegionalDomainName'] });
    assert.equal(template.toJSON().Outputs.DomainTarget, undefined);
  });

  it('without a hosted zone makes no record, and says what one must point at', () => {
    const without = withDomain(name);
    assert.deepEqual(resourcesOf(without, 'AWS::Route53::RecordSet'), []);
    const [id] = onlyResource(without, 'AWS::ApiGatewayV2::DomainName');
    without.hasOutput('DomainTarget', { Value: { 'Fn::GetAtt': [id, 'RegionalDomainName'] } });
  });

  it('behind a proxy of the deployer’s leaves the callback to the proxy', () => {
    const behind = withDomain(name, undefined, { ...exampleConfig, publicUrl: 'https://www.example.com' });
    behind.hasOutput('CallbackUrl', { Value: 'https://www.example.com/oauth/callback' });
    behind.hasOutput('ApiUrl', { Value: `https://${name}` });
  });

  for (const wrong of [
    'https://grants.example.com',
    'grants',
    '*.example.com',
    'Grants.example.com',
    'a.example.com/x',
    '',
  ]) {
    it(`is refused where it is no host name: ${wrong}`, () => {
      assert.throws(() => withDomain(wrong), /must be a host name in lower case.*got/);
    });
  }

  const env = { account: '111122223333', region: 'eu-central-1' };
  const withCertificate = (arn: string, given: object = {}) => {
    const theirs = new Stack(emptyApp(), 'Theirs', { env });
    const certificate = Certificate.fromCertificateArn(theirs, 'Certificate', arn);
    const domainName = { domainName: name, certificate, ...given };
    return new Grantkeeper(theirs, 'Grants', { config: exampleConfig, domainName });
  };
  const misfits: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'its certificate is of another region',
      () => withCertificate(certificateArn.replace('eu-central-1', 'us-east-1')),
      /domainName\.certificate: must be of the stack’s region, eu-central-1; got arn:aws:acm:us-east-1/,
    ],
    [
      'its certificate is not of ACM',
      () => withCertificate('arn:aws:iam::111122223333:server-certificate/c'),
      /domainName\.certificate: must be a certificate of ACM/,
    ],
    ['it has none', () => withCertificate(certificateArn, { certificate: undefined }), /certificate: must be given/],
    ['a prop is not known', () => withCertificate(certificateArn, { zone: {} }), /domainName\.zone: is not known/],
    [
      'it is the name alone',
      () => stackWith({ domainName: name as unknown as ApiDomainProps }),
      /domainName: must be an object of domainName, certificate, hostedZone; got a string/,
    ],
  ];
  for (const [what, make, message] of misfits) {
    it(`is refused where ${what}`, () => {
      assert.throws(make, (error) => error instanceof ConfigurationError && message.test(error.message));
    });
  }

  it('takes a certificate of its region, or one that is known at deployment only', () => {
    assert.equal(withCertificate(certificateArn).apiUrl, `https://${name}`);
    assert.ok(withCertificate(Fn.importValue('certificate')));
  });

  it('is refused where it is not of the zone, whose name it only ends with', () => {
    assert.throws(() => withDomain('grants.badexample.com', 'example.com'), /must lie in the hosted zone example\.com/);
    assert.ok(withDomain('example.com', 'example.com.'));
  });
});

describe('without a domain', () => {
  const make = (props: Omit<GrantkeeperProps, 'config'>, config = exampleConfig) =>
    new Grantkeeper(new Stack(emptyApp(), 'S'), 'G', { config, ...props });

  it('synth asks for one, saying why, and what else would do', () => {
    for (const props of [{}, { allowExecuteApiUrl: false }]) {
      assert.throws(
        () => make(props),
        (error) =>
          error instanceof ConfigurationError &&
          /domainName: must be given.*callback URL stands in every external client app.*outlive the stack/.test(
            error.message,
          ) &&
          /config\.publicUrl/.test(error.message) &&
          /allowExecuteApiUrl: true/.test(error.message),
      );
    }
  });

  it('API Gateway’s address is taken where the deployer says so', () => {
    const { callbackUrl } = make({ allowExecuteApiUrl: true });
    assert.match(callbackUrl, /\/oauth\/callback$/);
  });

  it('so is an address that the configuration has, a proxy’s, and the API’s own stays open for it', () => {
    const grantkeeper = make({}, { ...exampleConfig, publicUrl: 'https://grants.example.com' });
    assert.equal(grantkeeper.callbackUrl, 'https://grants.example.com/oauth/callback');
    const template = Template.fromStack(Stack.of(grantkeeper));
    assert.notEqual(onlyResource(template, 'AWS::ApiGatewayV2::Api')[1].Properties.DisableExecuteApiEndpoint, true);
    assert.deepEqual(resourcesOf(template, 'AWS::ApiGatewayV2::DomainName'), []);
  });
});
