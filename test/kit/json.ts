/** JSON of which a test knows the shape better than the types could say. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>;
