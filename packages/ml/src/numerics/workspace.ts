import { bindKernels } from './bind-kernels.ts';
import type { Kernels, Numbers } from './kernels.ts';
import { plainKernels } from './plain-kernels.ts';
import { WasmArena } from './wasm-arena.ts';

export interface WorkspaceOptions {
  /**
   * True: kernels in TypeScript. False: WebAssembly, or an error. Otherwise `JOBLOOM_NUMERICS` (`plain` or `wasm`)
   * decides; otherwise it is WebAssembly where that works.
   */
  readonly plain?: boolean | undefined;
  /** About how much it will hold. More than WebAssembly has room for (4 GB) makes kernels plain. */
  readonly bytes?: number;
}

/**
 * Memory of one fit, and kernels that work on it. Arrays stay where they are, and valid, until `close`; kernels take
 * these arrays and views of them (`subarray`) without a copy. What is to outlast the fit is copied: `slice` gives
 * an array of shared memory, `Float64Array.from` an ordinary one. Of one thread, and not to be sent to another.
 *
 * @example
 * const space = openWorkspace();
 * try {
 *   const x = space.float64(rows * cols);
 *   x.set(X.data);
 *   space.f64.gemmNT(rows, classes, cols, x, weights, scores, false);
 * } finally {
 *   space.close();
 * }
 */
export interface Workspace {
  readonly kernels: NumericsStatus['kernels'];
  readonly f64: Kernels<Float64Array>;
  readonly f32: Kernels<Float32Array>;
  /** An array of zeros. */
  float64(length: number): Float64Array;
  /** An array of these numbers. */
  copied(values: Float64Array): Float64Array;
  float32(length: number): Float32Array;
  int32(length: number): Int32Array;
  /** What `body` gives. Arrays that are made in it end with it. */
  during<T>(body: () => T): T;
  /** Gives the memory back: its arrays must not be used afterwards. Closing again is fine. */
  close(): void;
}

/** Which kernels `openWorkspace()` has in this thread, and why not those of WebAssembly. */
export interface NumericsStatus {
  readonly kernels: 'wasm' | 'plain';
  readonly reason?: string;
}

/** Of 4 GB, some are for what else a fit needs. */
const MOST_BYTES = 3.5e9;
let refused: string | undefined;

/**
 * Opens a workspace, at once; the first one of a thread compiles the kernels, in about a millisecond.
 * @throws RangeError where there is no WebAssembly and `plain` is false, or JOBLOOM_NUMERICS is `wasm`
 */
export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const plain = options.plain ?? ((options.bytes ?? 0) > MOST_BYTES ? true : wish());
  if (plain === true || (plain === undefined && refused !== undefined)) return plainWorkspace();
  let arena: WasmArena;
  try {
    arena = WasmArena.take();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (plain === false) throw new RangeError(`the kernels of WebAssembly cannot be had: ${message}`, { cause });
    refused = message;
    return plainWorkspace();
  }
  return wasmWorkspace(arena);
}

/** What `openWorkspace()` gives in this thread. Results are the same with either. */
export function numericsStatus(): NumericsStatus {
  if (wish() === true) return { kernels: 'plain', reason: 'JOBLOOM_NUMERICS is plain' };
  openWorkspace().close();
  return refused === undefined ? { kernels: 'wasm' } : { kernels: 'plain', reason: refused };
}

function wish(): boolean | undefined {
  const { JOBLOOM_NUMERICS: said } = process.env;
  if (said === undefined || said === '') return undefined;
  if (said === 'plain' || said === 'wasm') return said === 'plain';
  throw new RangeError(`JOBLOOM_NUMERICS must be plain or wasm. Got ${said}.`);
}

type BoundKernels = Pick<Workspace, 'f64' | 'f32'>;

/** Binding kernels takes longer than a small product: it is done once. */
const bound = new WeakMap<WasmArena, BoundKernels>();

function kernelsOf(arena: WasmArena): BoundKernels {
  const kernels = <A extends Numbers>(suffix: string): Kernels<A> =>
    bindKernels(
      (name) => arena.exports[`${name}_${suffix}`] as never,
      (array) => arena.addressOf(array),
    );
  return { f64: kernels('f64'), f32: kernels('f32') };
}

function wasmWorkspace(arena: WasmArena): Workspace {
  let isClosed = false;
  const kernels = bound.get(arena) ?? kernelsOf(arena);
  bound.set(arena, kernels);
  return {
    kernels: 'wasm',
    ...kernels,
    float64: (length) => arena.make(Float64Array, length),
    copied(values) {
      const copy = arena.make(Float64Array, values.length, true);
      copy.set(values);
      return copy;
    },
    float32: (length) => arena.make(Float32Array, length),
    int32: (length) => arena.make(Int32Array, length),
    during: (body) => arena.during(body),
    close() {
      if (!isClosed) arena.release();
      isClosed = true;
    },
  };
}

let plainOnes: BoundKernels | undefined;

function plainWorkspace(): Workspace {
  const checked = <A extends Numbers>(kernels: Kernels<A>): Kernels<A> =>
    bindKernels(
      (name) => kernels[name],
      (array) => array,
    );
  plainOnes ??= { f64: checked(plainKernels('f64')), f32: checked(plainKernels('f32')) };
  return {
    kernels: 'plain',
    ...plainOnes,
    float64: (length) => new Float64Array(length),
    copied: (values) => values.slice(),
    float32: (length) => new Float32Array(length),
    int32: (length) => new Int32Array(length),
    during: (body) => body(),
    close() {},
  };
}
