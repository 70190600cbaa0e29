const names = new Map<symbol, string>(
  Reflect.ownKeys(Symbol).flatMap((key) => {
    const value = (Symbol as unknown as Record<string | symbol, unknown>)[key];
    return typeof value === 'symbol' && typeof key === 'string' ? [[value, key] as const] : [];
  }),
);

/** The name of a symbol that the language has: `iterator` of `Symbol.iterator`. */
export function wellKnownName(symbol: symbol): string | undefined {
  return names.get(symbol);
}
