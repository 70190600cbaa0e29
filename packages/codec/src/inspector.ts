import type { Session as InspectorSession } from 'node:inspector';

/** One scope of a function's chain, innermost first. */
export interface ScopeSnapshot {
  /** `Closure (name)`, `Block`, `Module`, `Script`, `Global` and the like. */
  readonly description: string;
  /** The scope's variables with their real values. A snapshot: writing to it changes nothing. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** What V8 knows of a function. */
export interface FunctionInternals {
  /** Absent for native functions. */
  readonly location?: { readonly scriptId: string; readonly line: number; readonly column: number };
  readonly scopes?: readonly ScopeSnapshot[];
  readonly bound?: { readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] };
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  /** Numbers that JSON has no word for: `-0`, `NaN`, `1n`. */
  readonly unserializableValue?: string;
}

interface PropertyList {
  readonly internalProperties?: readonly { readonly name: string; readonly value?: RemoteObject }[];
  readonly privateProperties?: readonly { readonly name: string; readonly value?: RemoteObject }[];
}

export interface ScriptParsed {
  readonly scriptId: string;
  readonly url: string;
  readonly isModule?: boolean;
  readonly startLine: number;
  readonly startColumn: number;
}

/** The hook is how values get from the inspector's world into ours. */
interface Hook {
  value: unknown;
}

const GROUP = 'jobloom';

/**
 * The inspector of this very thread. Its answers come synchronously, no port is opened,
 * and nothing of it is loaded before the first use.
 */
export class Inspector {
  readonly #session: InspectorSession;
  readonly #hook: Hook = { value: undefined };
  readonly #hookId: string;
  #listener: ((message: { params: ScriptParsed }) => void) | undefined;

  constructor() {
    const { Session } = process.getBuiltinModule('node:inspector');
    this.#session = new Session();
    this.#session.connect();
    const key = Symbol.for('jobloom.hook');
    Object.defineProperty(process, key, { value: this.#hook, configurable: true });
    const { result } = this.#post<{ result: RemoteObject }>('Runtime.evaluate', {
      expression: 'process[Symbol.for("jobloom.hook")]',
    });
    Reflect.deleteProperty(process, key);
    if (result.objectId === undefined) throw new Error('the inspector cannot see this thread');
    this.#hookId = result.objectId;
  }

  /** Forgets every object that earlier calls named. */
  release(): void {
    this.#hook.value = undefined;
    this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }

  internals(fn: unknown): FunctionInternals {
    const found = this.#internalProperties(fn);
    const location = found.get('[[FunctionLocation]]')?.value as
      | { scriptId: string; lineNumber: number; columnNumber: number }
      | undefined;
    const scopes = found.get('[[Scopes]]');
    const target = found.get('[[TargetFunction]]');
    if (target !== undefined) {
      const args = this.#real(found.get('[[BoundArgs]]')) as ArrayLike<unknown> | undefined;
      return {
        bound: {
          target: this.#real(target),
          self: this.#real(found.get('[[BoundThis]]')),
          args: Array.from(args ?? []),
        },
      };
    }
    if (location === undefined || scopes === undefined) return {};
    return {
      location: { scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber },
      scopes: Array.from(this.#real(scopes) as ArrayLike<ScopeSnapshot>),
    };
  }

  /** Script that a function is from; undefined for native and bound ones. */
  scriptIdOf(fn: object): string | undefined {
    const found = this.#internalProperties(fn).get('[[FunctionLocation]]');
    return (found?.value as { scriptId: string } | undefined)?.scriptId;
  }

  /** Target and handler of a proxy. */
  proxy(proxy: object): { readonly target: object | null; readonly handler: object | null } {
    const found = this.#internalProperties(proxy);
    return {
      target: this.#real(found.get('[[Target]]')) as object | null,
      handler: this.#real(found.get('[[Handler]]')) as object | null,
    };
  }

  /** Values of an object's own private fields, by name without `#`. */
  privateValues(object: object): Map<string, unknown> {
    const found = this.#properties(object).privateProperties ?? [];
    return new Map(found.map(({ name, value }) => [name.replace(/^#/, ''), this.#real(value)]));
  }

  /**
   * Enables the debugger, which tells of every script of this thread, until `leaveScripts`.
   * Left enabled it would make every await 5 to 10 times slower.
   */
  enterScripts(listen: (script: ScriptParsed) => void): void {
    if (this.#listener !== undefined) return;
    this.#listener = ({ params }): void => listen(params);
    this.#session.on('Debugger.scriptParsed', this.#listener as never);
    this.#post('Debugger.enable');
  }

  /** Text of a script, between `enterScripts` and `leaveScripts`. */
  scriptText(scriptId: string): string {
    return this.#post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId }).scriptSource;
  }

  leaveScripts(): void {
    if (this.#listener === undefined) return;
    this.#post('Debugger.disable');
    this.#session.off('Debugger.scriptParsed', this.#listener as never);
    this.#listener = undefined;
  }

  /** A heap snapshot as JSON, and the number that an object has in it. Slow: it walks the whole heap. */
  heapSnapshot(object: object): { readonly text: string; readonly id: number } {
    const { getHeapSnapshot } = process.getBuiltinModule('node:v8');
    const stream = getHeapSnapshot(); // the inspector's own answers later, from Node 22 on
    const chunks: Buffer[] = [];
    for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null)
      chunks.push(chunk);
    stream.destroy();
    const { heapSnapshotObjectId } = this.#post<{ heapSnapshotObjectId: string }>('HeapProfiler.getHeapObjectId', {
      objectId: this.#objectId(object),
    });
    return { text: Buffer.concat(chunks).toString(), id: Number(heapSnapshotObjectId) };
  }

  #internalProperties(value: unknown): Map<string, RemoteObject> {
    const found = new Map<string, RemoteObject>();
    for (const { name, value: remote } of this.#properties(value).internalProperties ?? [])
      if (remote !== undefined) found.set(name, remote);
    return found;
  }

  #properties(value: unknown): PropertyList {
    return this.#post('Runtime.getProperties', { objectId: this.#objectId(value), ownProperties: true });
  }

  #objectId(value: unknown): string {
    this.#hook.value = value;
    const { result } = this.#post<{ result: RemoteObject }>('Runtime.callFunctionOn', {
      objectId: this.#hookId,
      functionDeclaration: 'function(){return this.value}',
      objectGroup: GROUP,
    });
    return result.objectId as string;
  }

  /** The value itself behind what the inspector shows of it. */
  #real(remote: RemoteObject | undefined): unknown {
    if (remote?.unserializableValue !== undefined) return numberOf(remote.unserializableValue);
    if (remote?.objectId === undefined) return remote?.value;
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#hookId,
      functionDeclaration: 'function(it){this.value=it}',
      arguments: [{ objectId: remote.objectId }],
      objectGroup: GROUP,
    });
    return this.#hook.value;
  }

  #post<T = unknown>(method: string, params: object = {}): T {
    let answer: T | undefined;
    let failure: Error | null = null;
    this.#session.post(method as never, params as never, (error: Error | null, result: unknown) => {
      failure = error;
      answer = result as T;
    });
    if (failure !== null) throw new Error(`inspector ${method}: ${(failure as Error).message}`);
    return answer as T;
  }
}

function numberOf(text: string): number | bigint {
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}

let shared: Inspector | undefined;
let used = false;

/** Ends what a capture began, if there was one: objects are let go, the debugger is off. */
export function restInspector(): void {
  if (shared === undefined || !used) return;
  used = false;
  shared.leaveScripts();
  shared.release();
}

let isAllowed: boolean | undefined;

/** Whether Node lets this thread look at itself: not with `--permission`, nor where it was built without. */
export function hasInspector(): boolean {
  if (isAllowed === undefined) {
    try {
      isAllowed = inspector() !== undefined;
    } catch {
      isAllowed = false;
    }
  }
  return isAllowed;
}

/** The inspector of this thread, opened at the first call. @throws Error where Node does not allow one */
export function inspector(): Inspector {
  shared ??= new Inspector();
  used = true;
  return shared;
}
