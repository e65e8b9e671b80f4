/** Tells the story as it happens: one line for each event, at most 80 columns wide, in colour where wanted. */
import { styleText } from 'node:util';

export type Tone = 'plain' | 'good' | 'bad';

export interface Narrator {
  /** A new part of the story. */
  chapter(title: string): void;
  /** What happened when, in milliseconds since the epoch. */
  event(atMs: number, text: string, tone?: Tone): void;
  /** What followed at once. */
  also(text: string, tone?: Tone): void;
  paragraph(text: string): void;
  /** Laid out already. */
  block(lines: readonly string[]): void;
}

export const columns = 80;
const timeColumns = 7;

export function createNarrator(print: (line: string) => void, { colours }: { colours: boolean }): Narrator {
  const paint = (style: 'bold' | 'green' | 'red' | 'dim', text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const told = (label: string, text: string, tone: Tone) => {
    for (const [index, line] of wrap(text, columns - timeColumns).entries()) {
      const margin = (index === 0 ? label : '').padEnd(timeColumns);
      print((label === '' ? margin : paint('dim', margin)) + (tone === 'plain' ? line : paint(toneStyle[tone], line)));
    }
  };
  return {
    chapter: (title) => {
      print('');
      print(paint('bold', title));
    },
    event: (atMs, text, tone = 'plain') => told(new Date(atMs).toISOString().slice(11, 16), text, tone),
    also: (text, tone = 'plain') => told('', text, tone),
    paragraph: (text) => {
      print('');
      for (const line of wrap(text, columns)) print(line);
    },
    block: (lines) => {
      print('');
      for (const line of lines) print(line);
    },
  };
}

const toneStyle = { good: 'green', bad: 'red' } as const;

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
