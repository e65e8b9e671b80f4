/** Deaths by what they were and what they were taken for, and how surely. */
import type { Confidence } from '../../functions/core/diagnosis.ts';

const confidences: readonly Confidence[] = ['certain', 'likely', 'possible'];

export interface Judged {
  readonly truth: string;
  readonly cause: string;
  readonly confidence: Confidence;
}

export class ConfusionMatrix {
  readonly judged: Judged[] = [];

  add(judged: Judged): void {
    this.judged.push(judged);
  }

  count(wanted: Partial<Judged>): number {
    return this.judged.filter((one) => this.#fits(one, wanted)).length;
  }

  /** Of what was said with this confidence, the share that was so. 1 where nothing was. */
  rightOf(confidence: Confidence): number {
    const said = this.judged.filter((one) => one.confidence === confidence);
    return said.length === 0 ? 1 : said.filter(({ truth, cause }) => truth === cause).length / said.length;
  }

  /** Of the deaths of this cause, the share that was told so, and not only as possible. */
  recognised(truth: string): number {
    const told = this.count({ truth, cause: truth }) - this.count({ truth, cause: truth, confidence: 'possible' });
    return told / Math.max(1, this.count({ truth }));
  }

  /** A row for each truth, a column for each diagnosis; a cell has certain/likely/possible. */
  print(): string {
    const causes = [...new Set(this.judged.flatMap(({ truth, cause }) => [truth, cause]))].sort();
    const names = causes.map((cause) => cause.slice(0, columnWidth - 2));
    const head = ['true cause \\ diagnosis', ...names, 'deaths', 'recognised'];
    const rows = causes.map((truth) => [
      truth.slice(0, rowWidth - 2),
      ...causes.map((cause) => this.#cell(truth, cause)),
      String(this.count({ truth })),
      `${Math.round(100 * this.recognised(truth))} %`,
    ]);
    const shares = confidences.map((one) => {
      const count = this.count({ confidence: one });
      return `${one}: ${count}, of which ${(100 * this.rightOf(one)).toFixed(1)} % right`;
    });
    return [...[head, ...rows].map(line), '', 'Cells: certain/likely/possible.', ...shares].join('\n');
  }

  #cell(truth: string, cause: string): string {
    const counts = confidences.map((confidence) => this.count({ truth, cause, confidence }));
    return counts.every((one) => one === 0) ? '·' : counts.join('/');
  }

  #fits(one: Judged, wanted: Partial<Judged>): boolean {
    return (Object.keys(wanted) as (keyof Judged)[]).every((key) => one[key] === wanted[key]);
  }
}

const rowWidth = 38;
const columnWidth = 15;

function line([first = '', ...others]: readonly string[]): string {
  return first.padEnd(rowWidth) + others.map((one) => one.padEnd(columnWidth)).join('');
}
