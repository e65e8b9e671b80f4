import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeAlert } from '../../../functions/core/compose-alert.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const lastFailure = { at: noon, class: 'admin', error: 'inactive_org', description: '' };
const connection = aConnection(1, {}, { grant: aGrant('g', { lastFailure }) });
const duty = (type: AlertDuty['type']): AlertDuty => ({
  kind: 'alert',
  alertId: 'alert-1',
  type,
  cause: 'inactive_org',
  since: noon,
  dueAt: noon,
  tries: 0,
});

test('the administrator is told what the error table says of the failure', () => {
  const { remedy } = composeAlert(connection, duty('admin_action_required'));
  assert.match(
    remedy,
    /^For the org's Salesforce administrator: Reactivate the org with Salesforce\. .*nothing is to be authorized again\.$/,
  );
});

test('without a failure, or of another type, the type’s own remedy stands', () => {
  const bare = aConnection(1, {}, { grant: aGrant('g') });
  assert.match(composeAlert(bare, duty('admin_action_required')).remedy, /administrator/);
  assert.doesNotMatch(composeAlert(connection, duty('reauthorization_required')).remedy, /Reactivate/);
});

test('without a browser the remedy is that of the flow, and no refresh token is spoken of', () => {
  const unapproved = {
    at: noon,
    class: 'admin',
    error: 'invalid_grant',
    description: "user hasn't approved this consumer",
  };
  const grant = aGrant('g', { lastFailure: unapproved });
  const { remedy, summary } = composeAlert(
    aConnection(1, {}, { flow: 'jwt_bearer', grant }),
    duty('admin_action_required'),
  );
  assert.match(remedy, /pre-authorized.*A login is tried again; nothing is to be authorized again\.$/);
  assert.doesNotMatch(`${remedy}${summary}`, /refresh token/);
});
