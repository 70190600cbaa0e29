import type { Batch } from '@jobloom/backends';

/** Batches of a call that the backend has. */
export class InFlight {
  /** Their tasks that have no outcome yet. */
  tasks = 0;
  /** Bytes that their arguments take. */
  bytes = 0;
  /** With the bytes of each. */
  readonly #batches = new Map<Batch, number>();

  get size(): number {
    return this.#batches.size;
  }

  add(batch: Batch): void {
    this.#batches.set(batch, 0);
    this.tasks += batch.length;
  }

  /** The backend has packed it: now it is known what it takes. */
  packed(batch: Batch): void {
    const { packedBytes } = batch;
    this.bytes += packedBytes;
    this.#batches.set(batch, packedBytes);
  }

  /** It is back; so many of its tasks had their outcome before. */
  remove(batch: Batch, early: number): void {
    this.tasks -= batch.length - early;
    this.bytes -= this.#batches.get(batch) ?? 0;
    this.#batches.delete(batch);
    batch.release();
  }

  /** Takes one task back. */
  cancel(index: number): void {
    for (const batch of this.#batches.keys()) {
      const position = index - batch.firstIndex;
      if (position >= 0 && position < batch.length) batch.cancel(position);
    }
  }
}
