/** One change of an object, as in RFC 6902, with the path in parts. */
export type PatchOperation =
  /** At the end of a list when the last part is `-`; in front of what stands at a number. */
  | { readonly op: "add"; readonly path: PatchPath; readonly value: unknown }
  | { readonly op: "replace"; readonly path: PatchPath; readonly value: unknown }
  | { readonly op: "remove"; readonly path: PatchPath }
  /** Gives an entry of a map another key; `from` and `path` differ in their last part alone. */
  | { readonly op: "move"; readonly from: PatchPath; readonly path: PatchPath };

export type PatchPath = readonly (string | number)[];

/** A change of one object, as an operation on the object and as an edit of the text that it is written in. */
export interface Patch {
  readonly operations: readonly PatchOperation[];
  readonly file: string;
  readonly edit: TextEdit;
}

/** Replaces characters `start` to `end` (UTF-16, from 0, `end` excluded) of the whole file's text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}
