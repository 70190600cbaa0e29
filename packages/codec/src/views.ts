import { types } from 'node:util';

/** Makes views over memory. */
export interface ViewType {
  readonly name: string;
  readonly prototype: object;
  new (memory: ArrayBufferLike, offset?: number, length?: number): ArrayBufferView;
}

/** View types in the order of their numbers in frames: append only. Undefined where this runtime has none. */
const VIEW_TYPES: readonly (ViewType | undefined)[] = [
  Uint8Array,
  Buffer as unknown as ViewType,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView as unknown as ViewType,
  (globalThis as { readonly Float16Array?: ViewType }).Float16Array,
];

const FLOAT16 = 13;

/** Numbers of view types by prototype. */
export const VIEW_CODES: ReadonlyMap<object, number> = new Map(
  VIEW_TYPES.flatMap((type, at) => (type === undefined ? [] : [[type.prototype, at] as const])),
);

/** Bytes of one element; 1 for `Buffer` and `DataView`. */
export function elementSize(view: ArrayBufferView): number {
  return (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
}

/** Where a view is. */
export interface Extent {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Elements of a typed array, bytes of a DataView. */
  readonly length: number;
}

const TYPED = Object.getPrototypeOf(Uint8Array.prototype) as Extent;
const lengthOf = Object.getOwnPropertyDescriptor(TYPED, 'length')?.get as (this: unknown) => number;

/** The extent of a view, whatever properties of its own, or of its class, have the same names. */
export function extentOf(view: ArrayBufferView): Extent {
  const isTyped = !types.isDataView(view);
  const prototype = isTyped ? TYPED : DataView.prototype;
  const read = (name: keyof Extent): unknown => Reflect.get(prototype, name, view);
  const byteLength = read('byteLength') as number;
  return {
    buffer: read('buffer') as ArrayBufferLike,
    byteOffset: read('byteOffset') as number,
    byteLength,
    length: isTyped ? typedLength(view) : byteLength,
  };
}

/** Number of elements of a typed array. */
export function typedLength(view: ArrayBufferView): number {
  return lengthOf.call(view);
}

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/** The number of the built-in type that a view has below any subclass, whatever realm it is from. */
export function viewCode(view: ArrayBufferView): number {
  const exact = VIEW_CODES.get(Object.getPrototypeOf(view));
  if (exact !== undefined) return exact;
  const name = tagOf.call(view) ?? 'DataView';
  if (name === 'Uint8Array' && Buffer.isBuffer(view)) return VIEW_CODES.get(Buffer.prototype) as number;
  return VIEW_TYPES.findIndex((type) => type?.name === name);
}

/** The type of a number. @throws RangeError for a number that this runtime has no type for */
export function viewType(code: number): ViewType {
  const type = VIEW_TYPES[code];
  if (type === undefined)
    throw new RangeError(
      code === FLOAT16
        ? `Node ${process.version} has no Float16Array: it came with Node 24`
        : `no type of views has number ${code}`,
    );
  return type;
}

/** A view over memory. @throws RangeError when it does not fit there */
export function makeView(code: number, memory: ArrayBufferLike, offset: number, length?: number): ArrayBufferView {
  const type = viewType(code);
  if ((type as unknown) === Buffer) return Buffer.from(memory, offset, length);
  return length === undefined ? new type(memory, offset) : new type(memory, offset, length);
}

/** Views by what they are: type, offset and length. */
export type Views = Map<string, ArrayBufferView[]>;

const kept = new WeakMap<ArrayBufferLike, Views>();

/** From now on, all frames that are decoded over this memory give the same views of it; what was kept before is forgotten. */
export function keepViews(memory: ArrayBufferLike): void {
  kept.set(memory, new Map());
}

export function keptViews(memory: ArrayBufferLike): Views | undefined {
  return kept.get(memory);
}
