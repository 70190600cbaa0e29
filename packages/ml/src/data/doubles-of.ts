/** Numbers as doubles; the same array where they are. */
export function doublesOf(data: Float64Array | Float32Array): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data);
}
