import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lostResponse } from '../../../../functions/core/diagnosis/lost-response.ts';
import { aCase, deadAt, minuteMs, noon } from './a-case.ts';

const attempt = (minutes: number, refreshes = 4) => ({
  id: `a${minutes}`,
  begunAt: noon + minutes * minuteMs,
  refreshes,
});
const confidence = (grant: object) => lostResponse.find(aCase({ grant }))?.confidence;

describe('lost_response', () => {
  it('is likely of one unanswered refresh under rotation', () => {
    assert.equal(confidence({ rotates: true, attempts: [attempt(50)] }), 'likely');
    assert.equal(confidence({ rotates: true, attempts: [] }), undefined);
  });

  it('is possible where several went unanswered, which looks like an outage', () => {
    assert.equal(confidence({ rotates: true, attempts: [attempt(40), attempt(50)] }), 'possible');
  });

  it('is possible where it is not known whether the app rotates, and nothing where it does not', () => {
    assert.equal(confidence({ refreshes: 0, attempts: [attempt(50, 0)] }), 'possible');
    assert.equal(confidence({ attempts: [attempt(50)] }), undefined);
    assert.equal(confidence({ rotates: false, attempts: [attempt(50)] }), undefined);
  });

  it('looks at the generation that died only, and at nothing after the death', () => {
    assert.equal(confidence({ rotates: true, attempts: [attempt(50, 3)] }), undefined);
    const later = { id: 'a', begunAt: deadAt + 60_000, refreshes: 4 };
    assert.equal(confidence({ rotates: true, attempts: [later] }), undefined);
  });

  it('looks at what was sent between the two sightings, too', () => {
    const between = { id: 'a', begunAt: deadAt + 1, refreshes: 4 };
    assert.equal(confidence({ rotates: true, attempts: [between] }), 'likely');
  });
});
