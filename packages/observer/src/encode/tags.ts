/** Wire tags: the number of a field and how it is written. */
export const varint = (number: number): number => number * 8;
export const bytes = (number: number): number => number * 8 + 2;
