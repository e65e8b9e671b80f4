/** What is held of the diagnosis: many deaths of each cause, made in the simulated Salesforce and found out by the real flows, with noise. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { scenarios } from '../../dev/deaths/deaths.ts';
import { type ManyDeaths, manyDeaths } from '../../dev/deaths/many-deaths.ts';

const seed = 1;

/**
 * The least share of each cause that is told as more than possible: lower where two causes look alike, or what speaks for
 * one is not always stated or in time.
 */
const floors: Readonly<Record<string, number>> = {
  user_deactivated_or_password_changed: 0.95,
  lost_response: 0.85,
  grant_limit: 0.8,
  idle_expiry: 0.8,
  lifetime_expiry: 0.75,
  org_wide_revocation: 0.7,
  expired_immediately: 0.65,
  // Whoever is found first of an app's orgs knows of no other.
  app_wide_revocation: 0.65,
  // Nothing tells it: what is left over.
  revoked_or_unknown: 0,
};

/** `npm run diagnose:matrix` prints the same. */
export function describeDeaths(title: string, deathsOfEach: number): void {
  describe(title, () => {
    let deaths: ManyDeaths;
    before(async () => {
      deaths = await manyDeaths(deathsOfEach, seed);
      console.log(deaths.matrix.print());
    });

    it('died of every cause that there is a rule for', () => {
      assert.deepEqual(Object.keys(floors).toSorted(), Object.keys(scenarios).toSorted());
      for (const truth of Object.keys(floors)) assert.ok(deaths.matrix.count({ truth }) >= deathsOfEach, truth);
    });

    it('are never called certain of a cause that they did not die of', () => {
      const { matrix, wrong } = deaths;
      assert.ok(matrix.count({ confidence: 'certain' }) >= deathsOfEach / 10, 'certain is said at all');
      assert.deepEqual(
        wrong.filter(({ confidence }) => confidence === 'certain'),
        [],
      );
    });

    it('are called likely of a cause, and nine in ten times it is so', () => {
      const { matrix } = deaths;
      assert.ok(matrix.count({ confidence: 'likely' }) >= 5 * deathsOfEach, 'likely is said of most');
      assert.ok(matrix.rightOf('likely') >= 0.9, `${matrix.rightOf('likely')}`);
    });

    for (const [cause, floor] of Object.entries(floors)) {
      it(`of ${cause}: called likely, it mostly is so`, () => {
        const { matrix } = deaths;
        const said = matrix.count({ cause, confidence: 'likely' });
        const right = matrix.count({ cause, confidence: 'likely', truth: cause });
        // The least sure is a death at the first refresh, which a revocation may be as well.
        assert.ok(right >= 0.85 * said, `${right} of ${said}`);
      });

      it(`of ${cause}: told from the others as often as the evidence allows`, () => {
        const share = deaths.matrix.recognised(cause);
        assert.ok(share >= floor, `${share} is less than ${floor}`);
      });
    }

    it('of which nothing tells the cause are seldom called more than possible', () => {
      const { matrix } = deaths;
      const truth = 'revoked_or_unknown';
      assert.ok(matrix.count({ truth, confidence: 'possible' }) >= 0.75 * matrix.count({ truth }));
      assert.equal(matrix.count({ cause: truth }), matrix.count({ cause: truth, confidence: 'possible' }));
    });
  });
}
