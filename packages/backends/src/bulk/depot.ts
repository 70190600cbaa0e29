import type { Segment } from './segment.ts';

/** What lies in a segment, under a name that no other content of this process ever has. */
export interface Holding {
  readonly name: string;
  readonly length: number;
  readonly segment: Segment;
  /** Where it is kept, if it is: who needs it for longer `retain`s it there. */
  readonly depot?: Depot;
}

interface Master extends Holding {
  readonly probe: string;
  /** Work that may still want it read. */
  users: number;
  discarded: boolean;
}

/** Contents that nobody needs now are kept up to so many bytes: the same array may be sent again. */
const IDLE_BYTES = 256 * 1024 * 1024;
const IDLE_MS = 30_000;

let lastMaster = 0;

/**
 * Large contents where workers can read them, each once, however many tasks of however many calls take it.
 * What a buffer holds is compared with what was sent of it: exact, and about as fast as the memory can be read.
 */
export class Depot {
  readonly #make: (bytes: number) => Segment | undefined;
  readonly #bySource = new WeakMap<ArrayBufferLike, Map<string, Master>>();
  readonly #byProbe = new Map<string, Master[]>();
  /** Those without users, the longest unused first. */
  readonly #idle = new Set<Master>();
  #idleBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param make a segment for so many bytes; undefined where there is no room */
  constructor(make: (bytes: number) => Segment | undefined) {
    this.#make = make;
  }

  /**
   * The holding of what these bytes are now; `release` it. Undefined when there is no room for it.
   * @param allowed refuses holdings that would make one thing of two
   */
  hold(bytes: Uint8Array, allowed: (holding: Holding) => boolean): Holding | undefined {
    const range = `${bytes.byteOffset} ${bytes.byteLength}`;
    const before = this.#bySource.get(bytes.buffer)?.get(range);
    let master = before !== undefined && this.#fits(before, bytes, allowed) ? before : undefined;
    if (before !== undefined && master === undefined && before.users === 0) this.#drop(before); // it has changed
    if (master === undefined) {
      const probe = probeOf(bytes);
      const alike = this.#byProbe.get(probe) ?? [];
      master = alike.find((other) => other !== before && this.#fits(other, bytes, allowed)) ?? this.#add(bytes, probe);
    }
    if (master === undefined) return undefined;
    this.#remember(bytes.buffer, range, master);
    if (master.users === 0 && this.#idle.delete(master)) this.#idleBytes -= master.segment.capacity;
    master.users += 1;
    return master;
  }

  /** One user more of what is in use already. */
  retain(holding: Holding): Holding {
    (holding as Master).users += 1;
    return holding;
  }

  /** One user less, and after the last one it is not kept. */
  discard(holding: Holding): void {
    const master = holding as Master;
    master.discarded = true;
    this.release(master);
  }

  /** One user less. */
  release(holding: Holding): void {
    const master = holding as Master;
    master.users -= 1;
    if (master.users > 0) return;
    if (master.discarded) {
      this.#forget(master);
      master.segment.destroy();
      return;
    }
    this.#idle.add(master);
    this.#idleBytes += master.segment.capacity;
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= IDLE_BYTES) break;
      this.#drop(oldest);
    }
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.clear(), IDLE_MS).unref();
    else this.#timer.refresh();
  }

  /** Lets go of all that nobody needs now. */
  clear(): void {
    for (const master of this.#idle) this.#drop(master);
    for (const segment of this.#spare.splice(0)) segment.destroy();
  }

  #fits(master: Master, bytes: Uint8Array, allowed: (holding: Holding) => boolean): boolean {
    if (master.length !== bytes.byteLength || !allowed(master)) return false;
    return this.#byProbe.get(master.probe)?.includes(master) === true && master.segment.equals(bytes);
  }

  #remember(source: ArrayBufferLike, range: string, master: Master): void {
    const known = this.#bySource.get(source);
    if (known === undefined) this.#bySource.set(source, new Map([[range, master]]));
    else known.set(range, master);
  }

  #add(bytes: Uint8Array, probe: string): Master | undefined {
    const segment = this.#segment(bytes.byteLength);
    if (segment === undefined) return undefined;
    try {
      segment.write(bytes);
    } catch {
      segment.destroy(); // full: the bytes go another way
      return undefined;
    }
    lastMaster += 1;
    const master: Master = {
      name: String(lastMaster),
      length: bytes.byteLength,
      segment,
      depot: this,
      probe,
      users: 0,
      discarded: false,
    };
    const alike = this.#byProbe.get(probe);
    if (alike === undefined) this.#byProbe.set(probe, [master]);
    else alike.push(master);
    return master;
  }

  /** Segments without a content. */
  readonly #spare: Segment[] = [];

  /** One that was written before, where one fits: its memory is there already. */
  #segment(bytes: number): Segment | undefined {
    const fits = ({ capacity }: Segment): boolean => capacity >= bytes && capacity <= 2 * bytes;
    const at = this.#spare.findIndex(fits);
    if (at >= 0) return this.#spare.splice(at, 1)[0];
    if (this.#idleBytes + bytes > IDLE_BYTES) {
      const oldest = [...this.#idle].find(({ segment }) => fits(segment));
      if (oldest !== undefined) {
        this.#drop(oldest);
        return this.#spare.pop();
      }
    }
    return this.#make(bytes);
  }

  #drop(master: Master): void {
    if (this.#idle.delete(master)) this.#idleBytes -= master.segment.capacity;
    this.#forget(master);
    this.#spare.push(master.segment);
    while (this.#spare.length > MOST_SPARE) this.#spare.shift()?.destroy();
  }

  #forget(master: Master): void {
    const alike = (this.#byProbe.get(master.probe) ?? []).filter((other) => other !== master);
    if (alike.length > 0) this.#byProbe.set(master.probe, alike);
    else this.#byProbe.delete(master.probe);
  }
}

const MOST_SPARE = 2;
const SAMPLES = 32;

/** Contents that differ here differ; those that do not are compared. */
function probeOf(bytes: Uint8Array): string {
  let probe = String(bytes.byteLength);
  const step = Math.max(1, Math.floor(bytes.byteLength / SAMPLES));
  for (let at = 0; at < bytes.byteLength; at += step) probe += ` ${bytes[at]}`;
  return probe;
}
