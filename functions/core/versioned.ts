/** Every stored item carries these: its schema's version, and what makes each write conditional and recognizable. */
export interface Versioned {
  readonly version: 1;
  /** Counts the writes. A write names the revision it read and is refused if another came in between. */
  readonly revision: number;
  /** Id of the last write (attempt and step): whoever finds its own here was not refused, its answer was lost. */
  readonly writeId: string;
}
