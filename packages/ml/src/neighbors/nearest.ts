/** The nearest rows found so far: distances that rise, and of equal ones positions that rise. */
export class Nearest {
  readonly distances: Float64Array;
  readonly positions: Int32Array;
  private readonly last: number;

  constructor(count: number) {
    this.distances = new Float64Array(count);
    this.positions = new Int32Array(count);
    this.last = count - 1;
    this.clear();
  }

  /** What is farther than this is not among them. */
  get worst(): number {
    return this.distances[this.last] as number;
  }

  clear(): void {
    this.distances.fill(Number.POSITIVE_INFINITY);
    this.positions.fill(-1);
  }

  /** Takes a row, if it is among the nearest. */
  offer(distance: number, position: number): void {
    const { distances, positions, last } = this;
    if (!isBefore(distance, position, distances[last] as number, positions[last] as number)) return;
    let at = last;
    for (; at > 0; at -= 1) {
      const [before, own] = [distances[at - 1] as number, positions[at - 1] as number];
      if (!isBefore(distance, position, before, own)) break;
      distances[at] = before;
      positions[at] = own;
    }
    distances[at] = distance;
    positions[at] = position;
  }
}

function isBefore(distance: number, position: number, other: number, own: number): boolean {
  return distance < other || (distance === other && (own < 0 || position < own));
}
