/**
 * Closes the emulator's gaps in the deployed roles, and nothing else:
 * - it does not know the encryption context of a KMS request, nor the aliases of its key, when it evaluates a policy, so
 *   that a statement that depends on them never allows;
 * - nor the keys of items that a DynamoDB request names (and the attributes of its projection only);
 * - where a KMS request names an alias, it takes that for the resource, where AWS takes the key and has the alias in
 *   `kms:RequestAlias`;
 * - `Ref` of a secret yields its name there, where AWS yields its ARN;
 * - it asks for `sqs:SendMessageBatch`, an action that IAM does not have: `sqs:SendMessage` covers it (Service
 *   Authorization Reference, Amazon SQS).
 *
 * Each such statement is repeated beside the original, without what the emulator cannot judge: action by action and
 * role by role, no more is allowed than the template names. Conditions are for the tests of the template.
 */
import { emulatedAccount, emulatedRegion } from './aws-environment.ts';
import { elements, type IamOptions, iam } from './iam.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/** @returns how many statements were repeated */
export async function closeEmulatorGaps(options: IamOptions, secretId: string): Promise<number> {
  const roles = elements(await iam(options, { Action: 'ListRoles', MaxItems: '1000' }), 'RoleName');
  let count = 0;
  for (const RoleName of roles.filter((name) => name.startsWith('Grantkeeper-'))) {
    const statements = (await statementsOf(options, RoleName)).flatMap((statement) => repeated(statement, secretId));
    if (statements.length === 0) continue;
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam(options, { Action: 'PutRolePolicy', RoleName, PolicyName: 'emulator-gaps', PolicyDocument });
    count += statements.length;
  }
  return count;
}

async function statementsOf(options: IamOptions, RoleName: string): Promise<Statement[]> {
  const policies = elements(await iam(options, { Action: 'ListRolePolicies', RoleName }), 'member');
  const statements = await Promise.all(
    policies.map(async (PolicyName) => {
      const answer = await iam(options, { Action: 'GetRolePolicy', RoleName, PolicyName });
      const [document = ''] = elements(answer, 'PolicyDocument');
      return JSON.parse(document.startsWith('%') ? decodeURIComponent(document) : document).Statement as Statement[];
    }),
  );
  return statements.flat();
}

/** What the emulator needs beside a statement of the template, if anything. */
export function repeated(statement: Statement, secretId: string): Statement[] {
  if (statement.Effect !== 'Allow') return [];
  const aliases = statement.Condition?.StringEquals?.['kms:RequestAlias'];
  if (aliases !== undefined) {
    const { Condition: _asResources, ...rest } = statement;
    const arnOf = (alias: string) => `arn:aws:kms:${emulatedRegion}:${emulatedAccount}:${alias}`;
    return [{ ...rest, Resource: [aliases].flat().map(arnOf) }];
  }
  if (dependsOnUnjudged(statement)) {
    const { Condition: _unjudged, ...rest } = statement;
    return [rest];
  }
  if (statement.Resource === secretId) {
    const arn = `arn:aws:secretsmanager:${emulatedRegion}:${emulatedAccount}:secret:${secretId}-??????`;
    return [{ ...statement, Resource: arn }];
  }
  if (statement.Action === 'sqs:SendMessage') return [{ ...statement, Action: 'sqs:SendMessageBatch' }];
  return [];
}

function dependsOnUnjudged({ Condition = {} }: Statement): boolean {
  return Object.values(Condition).some((keys) => Object.keys(keys).some((key) => unjudged.test(key)));
}

const unjudged = /^(?:kms:(?:EncryptionContext:.*|ResourceAliases)|dynamodb:(?:LeadingKeys|Attributes))$/i;
