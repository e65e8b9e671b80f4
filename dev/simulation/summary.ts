/** What many schedules came to. */
import type { ScheduleResult } from './schedule.ts';

export class Summary {
  readonly #begun = performance.now();
  readonly faults = new Map<string, number>();
  readonly told = new Map<string, number>();
  readonly brokenBy = new Map<string, number>();
  readonly seeds: number[] = [];
  schedules = 0;
  steps = 0;
  refreshes = 0;
  served = 0;
  broken = 0;
  lostResponseWithRotation = 0;
  lostResponseWithout = 0;

  add(result: ScheduleResult): void {
    this.schedules += 1;
    this.steps += result.steps;
    this.refreshes += result.refreshes;
    this.served += result.served;
    this.broken += result.broken.length;
    this.lostResponseWithRotation += result.lostResponseWithRotation;
    this.lostResponseWithout += result.lostResponseWithout;
    add(this.faults, result.faults);
    add(this.told, result.told);
    for (const { promise } of result.broken) this.brokenBy.set(promise, (this.brokenBy.get(promise) ?? 0) + 1);
    if (result.broken.length > 0) this.seeds.push(result.seed);
  }

  text(): string {
    const seconds = (performance.now() - this.#begun) / 1_000;
    const sum = [...this.faults.values()].reduce((total, count) => total + count, 0);
    const broken = [...this.brokenBy].map(([promise, count]) => `  ${promise.padEnd(34)} ${count}`);
    return [
      `schedules run      ${this.schedules}`,
      `steps              ${this.steps}`,
      `refreshes          ${this.refreshes}`,
      `tokens read        ${this.served}`,
      `faults injected    ${sum}`,
      ...linesOf(this.faults),
      'incidents and alerts',
      ...linesOf(this.told),
      `lost_response      ${this.lostResponseWithRotation} with rotation (allowed), ${this.lostResponseWithout} without (never)`,
      `schedules a second ${(this.schedules / seconds).toFixed(0)} (${seconds.toFixed(1)} s)`,
      `broken promises    ${this.broken}`,
      ...broken,
      ...(this.seeds.length === 0 ? [] : [`seeds: ${this.seeds.slice(0, 20).join(' ')}`]),
    ].join('\n');
  }
}

function add(to: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) to.set(name, (to.get(name) ?? 0) + count);
}

function linesOf(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `  ${name.padEnd(34)} ${count}`);
}
