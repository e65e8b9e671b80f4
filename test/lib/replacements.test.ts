/**
 * CloudFormation makes a resource anew where its logical id changes, and so do some of its properties. What is kept then
 * lies beside an empty one: every customer would have to authorize again. What stands here changes only together with a
 * migration: a construct that is renamed or moved, and an upgrade of the CDK, are found here first.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { templateWith } from './synthesized.ts';
import { onlyResource, resourcesOf } from './template-reading.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/c';
const template = templateWith({
  deployment: (stack) => ({
    domainName: {
      domainName: 'grants.example.com',
      certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificateArn),
    },
    egress: {},
  }),
});

const logicalIds: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['GrantkeeperTableB265EC01'],
  'AWS::KMS::Key': ['GrantkeeperDataKeyE7409B1A', 'GrantkeeperStorageKey3C240892'],
  'AWS::S3::Bucket': ['GrantkeeperLifeboatBucket9EA03A3A'],
  'AWS::SecretsManager::Secret': [
    'GrantkeeperClientSecretscrm40CAE098',
    'GrantkeeperClientSecretscrmeu51798981',
    'GrantkeeperClientSecretscrmserviceE93C9BC9',
    'GrantkeeperSigningKeyscrmpemBE7FB6DF',
  ],
  // On customers' lists. A gateway of another id would want an address that the old one still has.
  'AWS::EC2::EIP': ['GrantkeeperEgressNetworkAddress161A27251', 'GrantkeeperEgressNetworkAddress23BD3745F'],
  'AWS::EC2::NatGateway': [
    'GrantkeeperEgressNetworkVpcnatSubnet1NATGatewayB609148D',
    'GrantkeeperEgressNetworkVpcnatSubnet2NATGateway56163CAB',
  ],
  // In every external client app, in the policies of who calls it, in who subscribed to it.
  'AWS::ApiGatewayV2::DomainName': ['GrantkeeperHttpApiDomainDomainNameD6D4AB50'],
  'AWS::ApiGatewayV2::Api': ['GrantkeeperHttpApiB8A0D209'],
  'AWS::SNS::Topic': ['GrantkeeperAlertsTopic0A1F76A4'],
};

describe('what may not be made anew', () => {
  for (const [type, expected] of Object.entries(logicalIds)) {
    it(`keeps its logical ids: ${type}`, () => {
      const found = resourcesOf(template, type).map(([id]) => id);
      assert.deepEqual(found.toSorted(), expected);
    });
  }

  it('is everything that is kept when the stack goes, but logs', () => {
    const all = Object.values(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>);
    const kept = all.filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain')).map(({ Type }) => Type);
    const unguarded = kept.filter((type) => type !== 'AWS::Logs::LogGroup' && !(type in logicalIds));
    assert.ok(kept.length > 10);
    assert.deepEqual(unguarded, []);
  });

  it('keeps the table’s key, which no update can change', () => {
    const [, { Properties }] = onlyResource(template, 'AWS::DynamoDB::Table');
    assert.deepEqual(Properties.KeySchema, [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    for (const name of ['pk', 'sk']) {
      const { AttributeType } = Properties.AttributeDefinitions.find(
        (one: { AttributeName: string }) => one.AttributeName === name,
      );
      assert.equal(AttributeType, 'S', name);
    }
    assert.equal(Properties.LocalSecondaryIndexes, undefined);
    assert.equal(Properties.TableName, undefined);
  });

  it('keeps what kind of keys they are', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::KMS::Key')) {
      for (const name of ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin']) {
        assert.equal(Properties[name], undefined, `${id} ${name}`);
      }
    }
  });

  it('keeps the names of secrets, and with them their values', () => {
    assert.deepEqual(
      resourcesOf(template, 'AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Name),
      [
        'Grantkeeper/crm/client-secret',
        'Grantkeeper/crm-eu/client-secret',
        'Grantkeeper/crm-service/client-secret',
        'Grantkeeper/crm-pem/signing-key',
      ],
    );
    // The same text in every release: another one would be written over what the deployer put there.
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::SecretsManager::Secret')) {
      assert.equal(Properties.SecretString, 'GRANTKEEPER_UNSET', id);
    }
  });
});
