/** What a deployment of one app holds, counted in its template: billed each month, used or not. */
import type { Template } from 'aws-cdk-lib/assertions';
import type { Standing } from './bill.ts';

export function standingOf(template: Template): Standing {
  const count = (type: string) => Object.keys(template.findResources(type)).length;
  return {
    keys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    alarms: count('AWS::CloudWatch::Alarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
  };
}
