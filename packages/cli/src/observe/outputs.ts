export const OUTPUTS = ["compact", "dict", "json", "jsonpb", "table"] as const;
/** `json` and `jsonpb` are the same, as in the hubble CLI since 0.11. */
export type Output = (typeof OUTPUTS)[number];
