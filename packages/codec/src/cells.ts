const cells = new WeakMap<object, ReadonlyMap<string, object>>();

/** Notes the variables that a function was rebuilt with: functions that share one have the same object under its name. */
export function rememberCells(fn: object, variables: ReadonlyMap<string, object>): void {
  cells.set(fn, variables);
}

/** The variable of this name that a function was rebuilt with; undefined for functions that were not. */
export function cellOf(fn: object, name: string): object | undefined {
  return cells.get(fn)?.get(name);
}
