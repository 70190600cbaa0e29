/** Globals of the language. */
export const LANGUAGE_GLOBALS: readonly string[] = names(`
  Object Function Array Number Boolean String Symbol BigInt Date Promise RegExp Map Set Error AggregateError
  EvalError RangeError ReferenceError SyntaxError TypeError URIError Iterator ArrayBuffer SharedArrayBuffer DataView
  Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float16Array Float32Array Float64Array
  Uint8ClampedArray BigUint64Array BigInt64Array WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect JSON
  Math Intl Atomics WebAssembly parseInt parseFloat isNaN isFinite encodeURI decodeURI encodeURIComponent
  decodeURIComponent escape unescape eval globalThis
`);

/** Globals of Node, and names that it gives to each CommonJS module. */
const HOST_GLOBALS: readonly string[] = names(`
  Buffer URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget setTimeout
  setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone atob btoa fetch
  Headers Request Response FormData Blob File WebSocket MessageChannel MessagePort MessageEvent BroadcastChannel
  DOMException performance Performance crypto Crypto CryptoKey SubtleCrypto ReadableStream WritableStream
  TransformStream CompressionStream DecompressionStream TextEncoderStream TextDecoderStream CustomEvent navigator
  Navigator process console global undefined NaN Infinity EventSource Storage require module exports
  PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList
  PerformanceResourceTiming ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableByteStreamController ReadableStreamDefaultController TransformStreamDefaultController URLPattern
  WritableStreamDefaultController WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy
  CloseEvent SuppressedError DisposableStack AsyncDisposableStack Temporal ErrorEvent Float16Array
`);

const STANDARD: ReadonlySet<string> = new Set([...LANGUAGE_GLOBALS, ...HOST_GLOBALS]);

/** Whether every worker has a global of this name of its own. */
export function isStandardGlobal(name: string): boolean {
  return STANDARD.has(name);
}

function names(list: string): string[] {
  return [...new Set(list.trim().split(/\s+/))];
}
