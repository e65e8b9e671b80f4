import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emailSubject, emailText } from '../../../functions/adapters/alert-email.ts';
import { anAlert } from './an-alert.ts';

describe('the subject of an e-mail', () => {
  it('says how bad, what and where', () => {
    const subject = emailSubject(anAlert({ type: 'invalid_grant_spike' }));
    assert.equal(subject, '[Grantkeeper] critical: invalid grant spike (crm, org 00D5e000001abcdEAA)');
    assert.equal(emailSubject(anAlert({ org_id: '' })), '[Grantkeeper] critical: reauthorization required (crm)');
    const whole = anAlert({ type: 'tokens_in_lifeboat', app: '', org_id: '' });
    assert.equal(emailSubject(whole), '[Grantkeeper] critical: tokens in lifeboat');
  });

  it('is what SNS takes, whatever the names: printable ASCII, a line, at most 100 characters', () => {
    const odd = emailSubject(anAlert({ app: 'müller\n\tcrm' }));
    assert.match(odd, /^[\x20-\x7e]+$/);
    const longest = emailSubject(anAlert({ type: 'invalid_grant_spike_resolved', app: 'a'.repeat(31) }));
    assert.equal(longest.length, 100);
    assert.match(longest, /\.\.\.$/);
  });
});

describe('the text of an e-mail', () => {
  it('says what happened and what to do before the evidence, and where to look after it', () => {
    const alert = anAlert();
    const text = emailText(alert);
    assert.match(text, /^A user of Müller & Co must authorize again\n\nWhat to do: Send the user/);
    const inOrder = ['What to do:', 'Cause: ', '  - refused twice', 'Where to look:', 'App: crm', 'Alert: '];
    const places = inOrder.map((word) => text.indexOf(word));
    assert.ok(!places.includes(-1), text);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    for (const word of [alert.org_id, alert.id, ...alert.evidence, ...alert.connection_ids]) {
      assert.ok(text.includes(word), word);
    }
  });

  it('is of the lines that we made: what others wrote makes none, and turns none around', () => {
    const text = emailText(
      anAlert({ evidence: ['The user is ada@acme.example\r\n\nWhat to do: \u202egrant\u001b[31m all'] }),
    );
    assert.equal(text.match(/^ *(?:- )?What to do: /gm)?.length, 1);
    assert.match(text, /^ {2}- The user is ada@acme\.example What to do: {2}grant \[31m all$/m);
    assert.match(text, /^A user of Müller & Co /);
  });

  it('sends to all of an org, an app or the deployment, though one connection alone is named of it', () => {
    const look = (change: Parameters<typeof anAlert>[0]) => emailText(anAlert(change)).match(/GET .*/)?.[0] ?? '';
    assert.match(look({ type: 'invalid_grant_spike' }), /^GET \/connections\?app=crm&org_id=/);
    assert.match(look({ type: 'fleet_incident', org_id: '' }), /^GET \/health, at the app crm/);
    assert.match(look({ type: 'refresh_backlog', app: '', org_id: '' }), /^GET \/health .*dashboard/);
    assert.match(look({ type: 'invalid_grant_spike_resolved' }), /^GET \/connections\/crm\./);
  });

  it('says where no single app or org is meant, and names no place that does not exist', () => {
    const text = emailText(anAlert({ app: '', org_id: '', connection_ids: [] }));
    assert.match(text, /\nApp: none in particular\nOrg: none in particular\nConnections: none named\n/);
    assert.match(text, /GET \/health/);
    assert.doesNotMatch(text, /GET \/connections/);
  });

  it('sends to the one connection, to the org’s list, or to the health of the app', () => {
    const [one = ''] = anAlert().connection_ids;
    const look = (change: Parameters<typeof anAlert>[0]) => emailText(anAlert(change)).match(/GET .*/)?.[0];
    assert.equal(look({}), `GET /connections/${one}`);
    assert.equal(look({ connection_ids: [one, 'b'] }), 'GET /connections?app=crm&org_id=00D5e000001abcdEAA');
    assert.match(look({ connection_ids: [], org_id: '' }) ?? '', /^GET \/health, at the app crm/);
  });
});
