/**
 * A stack holds one Grantkeeper. Names of secrets, metrics and the dashboard go by the stack's, for people and commands
 * must know them: two would take them for each other's, or fail on them when they are deployed.
 */
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** @throws Error where the stack has another of the same class */
export function requireOneToAStack(construct: IConstruct): void {
  const stack = Stack.of(construct);
  const isOther = (one: IConstruct) =>
    one !== construct && one.constructor === construct.constructor && Stack.of(one) === stack;
  const other = stack.node.findAll().find(isOther);
  if (other === undefined) return;
  throw new Error(
    `a stack holds one Grantkeeper, for its names go by the stack's: give ${construct.node.path} another stack than that of ${other.node.path}`,
  );
}
