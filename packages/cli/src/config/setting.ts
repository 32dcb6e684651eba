export type SettingKind =
  | "text"
  | "list"
  | "number"
  | "flag"
  | "bytes"
  | "days"
  | "duration"
  /** A size, or a part of a disk in percent; kept as text. */
  | "space";

export interface Setting {
  readonly kind: SettingKind;
  readonly help: string;
  /** What stands after the flag in the help; absent for flags. */
  readonly value?: string;
  readonly default?: string | number | boolean;
  readonly choices?: readonly string[];
  readonly group: SettingGroup;
  /** Never printed, not even its length. */
  readonly secret?: boolean;
}

export type SettingGroup =
  | "store"
  | "keeping"
  | "source"
  | "catalog"
  | "dashboard"
  | "notify"
  | "observer"
  | "simulate"
  | "general";
