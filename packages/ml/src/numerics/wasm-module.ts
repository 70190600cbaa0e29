import { inflateRawSync } from 'node:zlib';
import { BYTES } from './kernels-bytes.ts';

/** The parts of WebAssembly that are used; the types of Node do not have them. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...args: readonly number[]) => number>> };
  readonly Memory: new (options: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

/** An instance of the kernels with a memory of its own. */
export interface WasmInstance {
  readonly memory: WasmMemory;
  readonly exports: Readonly<Record<string, (...args: readonly number[]) => number>>;
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly?: Wasm };
const MOST_PAGES = 65_536;
let compiled: object | undefined;

/**
 * A new instance, whose memory has this many pages of 64 kB. The memory is a shared one because then arrays stay valid
 * when it grows; pages are taken from the system as they are used.
 * @throws Error where WebAssembly is off, lacks vectors, or there is no room
 */
export function wasmInstance(pages: number): WasmInstance {
  if (wasm === undefined) throw new Error('this Node has no WebAssembly');
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error('the kernels need a little-endian machine');
  compiled ??= new wasm.Module(inflateRawSync(Buffer.from(BYTES, 'base64')));
  const memory = new wasm.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });
  const { exports } = new wasm.Instance(compiled, { env: { memory } });
  return { memory, exports };
}
