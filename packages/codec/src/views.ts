type ViewType = { readonly name: string; readonly prototype: object };

/** View types in the order of their numbers in frames: append only. Node 20 and 22 lack the last. */
const VIEW_TYPES: readonly (ViewType | undefined)[] = [
  Uint8Array,
  Buffer,
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
  DataView,
  (globalThis as { readonly Float16Array?: ViewType }).Float16Array,
];

/** Numbers of view types by prototype. */
export const VIEW_CODES: ReadonlyMap<object, number> = new Map(
  VIEW_TYPES.flatMap((type, at) => (type === undefined ? [] : [[type.prototype, at] as const])),
);

/** Bytes of one element; 1 for `Buffer` and `DataView`. */
export function elementSize(view: ArrayBufferView): number {
  return (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
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

/** A view over memory. @throws RangeError when it does not fit there */
export function makeView(code: number, memory: ArrayBufferLike, offset: number, length: number): ArrayBufferView {
  const type = VIEW_TYPES[code];
  if (type === undefined)
    throw new RangeError(
      code === 13 ? `Node ${process.version} has no Float16Array` : `no view type has number ${code}`,
    );
  if (type === Buffer) return Buffer.from(memory, offset, length);
  return new (type as unknown as Uint8ArrayConstructor)(memory, offset, length);
}
