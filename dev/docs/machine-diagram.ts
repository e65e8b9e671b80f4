/** The picture of the refresh machine, drawn from its table of transitions; stands in docs/architecture.md. */
import { type RefreshEvent, type RefreshState, transitions } from '../../functions/core/refresh-machine.ts';

const diagramMarks = { from: '<!-- the refresh machine: npm run docs -->', to: '<!-- end of it -->' } as const;

export function machineDiagram(): string {
  const arrows = new Map<string, { from: RefreshState; to: RefreshState; events: RefreshEvent['type'][] }>();
  for (const [event, pairs] of Object.entries(transitions) as [
    RefreshEvent['type'],
    [RefreshState, RefreshState][],
  ][]) {
    for (const [from, to] of pairs) {
      const arrow = arrows.get(`${from}>${to}`) ?? { from, to, events: [] };
      arrow.events.push(event);
      arrows.set(`${from}>${to}`, arrow);
    }
  }
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...[...arrows.values()].map(({ from, to, events }) => `  ${from} --> ${to}: ${events.join(', ')}`),
    '```',
  ].join('\n');
}

/** The page with the picture as it is now between its marks. */
export function withDiagram(page: string): string {
  const { from, to } = diagramMarks;
  const begin = page.indexOf(from);
  const end = page.indexOf(to);
  if (begin < 0 || end < begin) throw new Error(`The page has no ${from} … ${to} for the picture to stand between.`);
  return `${page.slice(0, begin + from.length)}\n\n${machineDiagram()}\n\n${page.slice(end)}`;
}
