import { closeSync, openSync } from 'node:fs';
import { type Frame, keepViews } from '@jobloom/codec';
import type { HeldRef, Packet } from '../pool/messages.ts';
import { copyOf, fill } from './segment.ts';

interface Arrival {
  memory: ArrayBuffer;
  /** Calls that have it now. */
  readonly scopes: Set<number>;
}

/** Memory of calls that are over is kept up to so many bytes: the same content costs less the second time. */
const IDLE_BYTES = 128 * 1024 * 1024;
const IDLE_MS = 30_000;

/** The large buffers that a worker has, each once: all tasks of a call get the same memory, and the same views of it. */
export class Arrivals {
  readonly #byName = new Map<string, Arrival>();
  /** Contents that came in messages, by call and name. */
  readonly #brought = new Map<string, Uint8Array<ArrayBuffer>>();
  #timer: NodeJS.Timeout | undefined;

  /** Takes a content that came in a message. */
  bring(scope: number, name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#brought.set(`${scope} ${name}`, bytes);
  }

  /**
   * The frame with all of its buffers.
   * @param again what is here already is read again: a task that failed may have written to it
   */
  complete(frame: Frame, held: readonly HeldRef[], packet: Packet<unknown>, scope: number, again = false): Frame {
    const buffers = [...frame.buffers];
    for (const ref of held) buffers[ref.at] = new Uint8Array(this.#get(ref, packet, scope, again));
    return { ...frame, buffers };
  }

  /** The call is over. */
  forget(scope: number): void {
    for (const key of this.#brought.keys()) if (key.startsWith(`${scope} `)) this.#brought.delete(key);
    let idle = 0;
    for (const [name, { memory, scopes }] of [...this.#byName].reverse()) {
      scopes.delete(scope);
      if (scopes.size > 0) continue;
      idle += memory.byteLength;
      if (idle > IDLE_BYTES) this.#byName.delete(name);
    }
    if (idle === 0) return;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#clear(), IDLE_MS).unref();
    else this.#timer.refresh();
  }

  #clear(): void {
    for (const [name, { scopes }] of this.#byName) if (scopes.size === 0) this.#byName.delete(name);
  }

  #get(ref: HeldRef, packet: Packet<unknown>, scope: number, again: boolean): ArrayBuffer {
    if (ref.own) return this.#load(ref, packet, scope, undefined);
    const known = this.#byName.get(ref.name);
    const isHere = known !== undefined && known.memory.byteLength === ref.bytes; // a task may have moved it away
    if (isHere && known.scopes.size > 0 && !again) {
      known.scopes.add(scope);
      return known.memory;
    }
    const memory = this.#load(ref, packet, scope, isHere ? known.memory : undefined);
    keepViews(memory);
    const scopes = known?.scopes ?? new Set();
    this.#byName.delete(ref.name); // to the end: the last that was used
    this.#byName.set(ref.name, { memory, scopes: scopes.add(scope) });
    return memory;
  }

  /** Memory that was here already is warm: written again, it costs a tenth of new one. */
  #load(ref: HeldRef, packet: Packet<unknown>, scope: number, warm: ArrayBuffer | undefined): ArrayBuffer {
    if ('part' in ref) {
      const brought = this.#brought.get(`${scope} ${ref.name}`);
      if (brought === undefined) throw new TypeError(`bulk data ${ref.name} was never sent to this worker`);
      return into(warm, brought);
    }
    if ('shared' in ref)
      return into(warm, new Uint8Array(packet.shared[ref.shared] as SharedArrayBuffer, 0, ref.bytes));
    const bytes = new Uint8Array(warm ?? new ArrayBuffer(ref.bytes));
    const file = openSync(ref.path, 'r');
    try {
      fill(file, bytes);
    } finally {
      closeSync(file);
    }
    return bytes.buffer;
  }
}

function into(warm: ArrayBuffer | undefined, bytes: Uint8Array): ArrayBuffer {
  if (warm === undefined) return copyOf(bytes).buffer;
  new Uint8Array(warm).set(bytes);
  return warm;
}
