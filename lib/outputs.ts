/** What a deployer needs after `cdk deploy`: printed by it, and read by scripts. */
import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Grantkeeper } from './grantkeeper.ts';

export function addOutputs(stack: Stack, grantkeeper: Grantkeeper): void {
  const output = (id: string, value: string, description: string) => new CfnOutput(stack, id, { value, description });
  output('CallbackUrl', grantkeeper.callbackUrl, 'Register this callback URL in the external client app');
  output('ApiUrl', grantkeeper.apiUrl, 'Origin of the HTTP API; service routes need SigV4 for execute-api');
  output('AlertTopicArn', grantkeeper.alertTopic.topicArn, 'Subscribe here to hear of dying grants');
  if (grantkeeper.dashboardName !== undefined) {
    output('DashboardName', grantkeeper.dashboardName, 'In CloudWatch; read it from top to bottom');
  }
  output('JwtBearerFunctionName', grantkeeper.jwtBearerFunction.functionName, 'Makes connections without a browser');
  output('TableName', grantkeeper.table.tableName, 'The table of connections and sessions');
  const { domainTarget, egressAddresses } = grantkeeper;
  if (domainTarget !== undefined) output('DomainTarget', domainTarget, 'Point a CNAME record of the domain at this');
  if (egressAddresses !== undefined) {
    output(
      'EgressAddresses',
      Fn.join(',', [...egressAddresses]),
      'Calls to Salesforce come from here: for IP allowlists',
    );
  }
  output('Adopt', grantkeeper.adoptable, 'Keep this: prop adopt of a new stack, should this one go');
  const secretNames = new Construct(stack, 'ClientSecretName');
  for (const [app, value] of grantkeeper.clientSecretNames) {
    new CfnOutput(secretNames, app, {
      value,
      description: `Put the consumer secret of ${app} here: aws secretsmanager put-secret-value`,
    });
  }
  const signingKeyCommands = new Construct(stack, 'SigningKeyCommand');
  for (const [app, value] of grantkeeper.signingKeyCommands) {
    new CfnOutput(signingKeyCommands, app, {
      value,
      description: `Makes the key that signs for ${app}, and the certificate to upload to its external client app`,
    });
  }
}
