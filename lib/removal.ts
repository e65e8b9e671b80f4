/**
 * How a resource with a name of its own is kept: when the stack goes, but not when the deployment that was to make it fails.
 * Left behind then, it would hold nothing and stand in the way of the next try, which asks for the same name.
 */
import { RemovalPolicy } from 'aws-cdk-lib';

export const keptOnceMade = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
