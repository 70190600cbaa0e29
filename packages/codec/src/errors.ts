const MARK = Symbol.for('jobloom.error');

/** Closed list of what can go wrong; each error class has one. */
export type ErrorCode =
  | 'ERR_UNSERIALIZABLE'
  | 'ERR_FRAME'
  | 'ERR_FRAME_LIMIT'
  | 'ERR_FUNCTION_RESULT'
  | 'ERR_OPTION'
  | 'ERR_WORKER_LOST'
  | 'ERR_WORKER_MEMORY'
  | 'ERR_CANCELLED'
  | 'ERR_BACKEND_UNUSABLE'
  | 'ERR_UNKNOWN_BACKEND'
  | 'ERR_CLOSED'
  | 'ERR_PROTOCOL'
  | 'ERR_CONTAINER'
  | 'ERR_NOT_A_TASK'
  | 'ERR_NO_TASK'
  | 'ERR_TASK_TIMEOUT'
  | 'ERR_DEADLINE'
  | 'ERR_POISON_TASK'
  | 'ERR_NO_MATCH'
  | 'ERR_UNHASHABLE'
  | 'ERR_SHARED_WRITE'
  | 'ERR_NO_ENTRY'
  | 'ERR_DAMAGED_FILE'
  | 'ERR_NOT_FITTED'
  | 'ERR_PARAMETER'
  | 'ERR_INPUT'
  | 'ERR_ENGINE'
  | 'ERR_STATE'
  | 'ERR_FIT_FAILED';

/**
 * Base of every error that jobloom itself raises. `instanceof` holds across
 * threads, processes and copies of the package: it looks at a shared mark and the class name.
 */
export class JobloomError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    Object.defineProperty(this, MARK, { value: lineage(new.target) });
    classes().set(new.target.name, new.target);
  }

  static override [Symbol.hasInstance](this: { readonly name: string }, value: unknown): boolean {
    const names = (value as { [MARK]?: readonly string[] } | null)?.[MARK];
    return Array.isArray(names) && names.includes(this.name);
  }
}

const CLASSES = Symbol.for('jobloom.errors');

/** Error classes that this process has used, shared by all copies of the package. */
function classes(): Map<string, { readonly prototype: object }> {
  const holder = globalThis as { [CLASSES]?: Map<string, { readonly prototype: object }> };
  holder[CLASSES] ??= new Map();
  return holder[CLASSES];
}

/** The prototype for an error of ours that comes from elsewhere; `instanceof` holds by its mark even where its class was never loaded. */
export function errorPrototype(name: string): object {
  return classes().get(name)?.prototype ?? JobloomError.prototype;
}

/** Whether a class is JobloomError, of whatever copy, or extends it. */
export function isErrorClass(type: unknown): boolean {
  for (let at = type; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (at.name === 'JobloomError' && Object.hasOwn(at, Symbol.hasInstance)) return true;
  }
  return false;
}

/** Class names from the given one up to JobloomError. */
function lineage(type: { readonly name: string }): readonly string[] {
  const names: string[] = [];
  for (let at = type; at.name !== 'Error' && at.name !== ''; at = Object.getPrototypeOf(at)) names.push(at.name);
  return names;
}

/** A value that cannot travel. The trail leads from the task to it. */
export class UnserializableError extends JobloomError {
  /** Steps from the root to the value: `['task', 'helper', 'db']`. */
  readonly trail: readonly string[];

  constructor(trail: readonly string[], problem: string, advice: string, options?: ErrorOptions) {
    super('ERR_UNSERIALIZABLE', `${trail.join(' -> ')}: ${problem}. ${advice}`, options);
    this.trail = trail;
  }
}
