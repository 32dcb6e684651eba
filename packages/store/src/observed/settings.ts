/** Bytes of groups beyond which the engine goes on on disk: a scan of the internet has no end. */
const IN_MEMORY = 600_000_000;

/**
 * How the engine is to fold, for the end of a query. Conditions of `rowColumns` are cheap, and what stands behind them
 * is made of whole columns faster than of the rows that need it: a third of the time.
 * @param maySet whether the store's user may set what a query costs
 */
export function foldSettings(maySet: boolean): string {
  return maySet
    ? ` SETTINGS short_circuit_function_evaluation = 'disable', max_bytes_before_external_group_by = ${IN_MEMORY}`
    : "";
}
