const MARK = Symbol.for('jobloom.error');
const CLASSES = Symbol.for('jobloom.errors');

/** Closed list of what can go wrong with a store. */
export type StoreErrorCode =
  /** The place can be read but not written. */
  | 'ERR_STORE_READ_ONLY'
  /** No room: disk, quota or memory of the server. */
  | 'ERR_STORE_FULL'
  /** The server cannot be reached, or the connection broke. */
  | 'ERR_STORE_UNREACHABLE'
  /** No answer in time. */
  | 'ERR_STORE_TIMEOUT'
  /** Credentials or rights are missing or wrong. */
  | 'ERR_STORE_DENIED'
  /** The place itself, a bucket say, does not exist. */
  | 'ERR_STORE_MISSING'
  /** The entry is larger than this store takes. */
  | 'ERR_STORE_TOO_LARGE'
  /** No valid key. */
  | 'ERR_STORE_KEY'
  /** No valid location or option. */
  | 'ERR_STORE_LOCATION'
  /** An optional package is not installed. */
  | 'ERR_STORE_DEPENDENCY'
  /** This store, or its server, cannot do what was asked. */
  | 'ERR_STORE_UNSUPPORTED'
  /** The store was used after `close`. */
  | 'ERR_STORE_CLOSED'
  /** Anything else: see `cause`. */
  | 'ERR_STORE_FAILED';

/**
 * Base of the errors of this package. It carries the mark that all errors of jobloom carry, so that
 * `error instanceof JobloomError` holds with the class of any package and any copy.
 */
class JobloomError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    Object.defineProperty(this, MARK, { value: lineage(new.target) });
    known().set(new.target.name, new.target);
  }

  static override [Symbol.hasInstance](this: { readonly name: string }, value: unknown): boolean {
    const names = (value as { [MARK]?: readonly string[] } | null)?.[MARK];
    return Array.isArray(names) && names.includes(this.name);
  }
}

/** A store could not do what was asked. `code` says in which way, `store` which one, `cause` what it was told. */
export class StoreError extends JobloomError {
  /** Name of the store. */
  readonly store: string;

  constructor(code: StoreErrorCode, store: string, message: string, options?: ErrorOptions) {
    super(code, `${store}: ${message}`, options);
    this.store = store;
  }
}

function lineage(type: { readonly name: string }): readonly string[] {
  const names: string[] = [];
  for (let at = type; at.name !== 'Error' && at.name !== ''; at = Object.getPrototypeOf(at)) names.push(at.name);
  return names;
}

function known(): Map<string, { readonly prototype: object }> {
  const holder = globalThis as { [CLASSES]?: Map<string, { readonly prototype: object }> };
  holder[CLASSES] ??= new Map();
  return holder[CLASSES];
}
