/** Where in the source a thing stands, so that an answer can point at it. */
export interface Place {
  /** As it was given; `-` for standard input. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** Path within the object: `spec.ingress[0].from[1].podSelector`; empty for the object itself. */
  readonly path: string;
}
