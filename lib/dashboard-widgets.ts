/** The dashboard's pieces: headings with their text, and graphs in rows of equal width. */
import { GraphWidget, GraphWidgetView, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { type Runbook, runbookPage } from '../functions/core/runbooks.ts';

/** CloudWatch's own. */
export const wholeWidth = 24;
const graphHeight = 6;

/** For the reader of a heading, who has the repository at hand. */
export function named(runbook: Runbook): string {
  return `\`${runbookPage(runbook)}\``;
}

export function heading(title: string, text: string): TextWidget {
  return new TextWidget({ markdown: `# ${title}\n${text}`, width: wholeWidth, height: 2 });
}

/** Takes its width when it is put into a row. */
export type Graph = (width: number) => GraphWidget;

export function graph(title: string, left: IMetric[], { stacked = false } = {}): Graph {
  return (width) =>
    new GraphWidget({
      title,
      left,
      stacked,
      view: GraphWidgetView.TIME_SERIES,
      leftYAxis: { min: 0, showUnits: false },
      width,
      height: graphHeight,
    });
}

export function row(...graphs: readonly Graph[]): IWidget[] {
  return graphs.map((make) => make(Math.floor(wholeWidth / graphs.length)));
}
