/** Lets connections die of every cause, as often as is asked for, and judges each diagnosis by the truth. */
import { ConfusionMatrix, type Judged } from './confusion-matrix.ts';
import { scenarios } from './deaths.ts';
import { truthOf } from './truth.ts';

export interface ManyDeaths {
  readonly matrix: ConfusionMatrix;
  /** Diagnoses that were wrong though not called possible, with their evidence: to look into. */
  readonly wrong: readonly Wrong[];
}

export interface Wrong extends Judged {
  readonly scenario: string;
  readonly seed: number;
  readonly evidence: readonly string[];
}

/** Far more than it takes where nearly every world brings a death. */
const worldsPerDeath = 3;

export async function manyDeaths(atLeast: number, seed: number): Promise<ManyDeaths> {
  const matrix = new ConfusionMatrix();
  const wrong: Wrong[] = [];
  for (const [index, [scenario, die]] of Object.entries(scenarios).entries()) {
    const enough = () => matrix.count({ truth: scenario }) >= atLeast;
    for (let worlds = 0; worlds < worldsPerDeath * atLeast && !enough(); worlds += 1) {
      const worldSeed = seed * 1_000_000 + index * 10_000 + worlds;
      const { world, doings } = await die(worldSeed);
      for (const { connection, diagnosis } of world.died) {
        const { cause, confidence, evidence } = diagnosis;
        const judged = { truth: await truthOf(world, connection, doings), cause, confidence };
        matrix.add(judged);
        if (judged.truth !== cause && confidence !== 'possible') {
          wrong.push({ ...judged, scenario, seed: worldSeed, evidence });
        }
      }
    }
  }
  return { matrix, wrong };
}
