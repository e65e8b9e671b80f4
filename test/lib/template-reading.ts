/** Reads a template by our words: the function `token`, its environment, what its role may do. */
import type { Template } from 'aws-cdk-lib/assertions';
import type { FunctionName } from '../../functions/core/routes.ts';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Record<string, unknown>>>;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties are whatever CloudFormation takes
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export function resourcesOf(template: Template, type: string): [logicalId: string, resource: Resource][] {
  return Object.entries(template.findResources(type)) as [string, Resource][];
}

/** @throws Error unless there is exactly one resource of `type` whose logical id holds `part` */
export function onlyResource(template: Template, type: string, part = ''): [logicalId: string, resource: Resource] {
  const found = resourcesOf(template, type).filter(([logicalId]) => logicalId.includes(part));
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`expected one ${type} with ${part}, got ${found.length}`);
  return first;
}

/** The function's logical id and properties. */
export function functionOf(template: Template, name: FunctionName): [logicalId: string, resource: Resource] {
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME === name,
  );
  if (found === undefined) throw new Error(`the template has no function ${name}`);
  return found;
}

export function statementsOf(template: Template, name: FunctionName): Statement[] {
  const [, { Properties }] = functionOf(template, name);
  return statementsOfRole(template, Properties.Role['Fn::GetAtt'][0]);
}

/** All statements of a role, wherever they stand: what is too long for inline policies goes into managed ones of ours. */
export function statementsOfRole(template: Template, roleId: string): Statement[] {
  const role = resourcesOf(template, 'AWS::IAM::Role').find(([id]) => id === roleId)?.[1].Properties;
  const within = (role?.Policies ?? []).flatMap(
    (one: { PolicyDocument: { Statement: Statement[] } }) => one.PolicyDocument.Statement,
  );
  const beside = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => resourcesOf(template, type))
    .filter(([, { Properties }]) => Properties.Roles?.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return [...within, ...beside];
}

export function actionsOf({ Action }: Statement): string[] {
  return Array.isArray(Action) ? Action : [Action];
}

/** The statements that allow `action`, by its exact name. */
export function allowing(statements: readonly Statement[], action: string): Statement[] {
  return statements.filter((statement) => actionsOf(statement).includes(action));
}

/** Whether a value of the template names a resource, in whatever function. */
export function mentions(value: unknown, logicalId: string): boolean {
  return JSON.stringify(value).includes(`"${logicalId}"`);
}
