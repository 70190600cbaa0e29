const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const WIDTHS: Readonly<Record<string, number>> = {
  Int16Array: 2,
  Uint16Array: 2,
  Float16Array: 2,
  Int32Array: 4,
  Uint32Array: 4,
  Float32Array: 4,
  Float64Array: 8,
  BigInt64Array: 8,
  BigUint64Array: 8,
};

/** Bytes of an element. */
function widthOf(name: string): number {
  return WIDTHS[name] ?? 1;
}

/** The bytes of a view with this name, the lowest of each element first: the same memory where this machine has it so. */
export function lowestFirst(bytes: Uint8Array, name: string): Uint8Array {
  const width = widthOf(name);
  if (littleEndian || width === 1) return bytes;
  const copy = Buffer.from(bytes);
  if (width === 2) return copy.swap16();
  return width === 4 ? copy.swap32() : copy.swap64();
}
