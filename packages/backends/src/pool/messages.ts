import type { Frame, ModuleRef } from '@jobloom/codec';
import type { Holding } from '../bulk/depot.ts';
import type { Held, HeldFrame } from '../bulk/held-frame.ts';
import type { WorkerPlace } from '../task/current-task.ts';
import type { ConsoleLine } from '../task/running.ts';
import type { TaskSettings } from '../task/settings.ts';
import type { TraceContext } from '../task/tracing.ts';
import type { NoResult } from '../worker/run-calls.ts';

/** Both ends must speak the same one; the worker's first message carries its own. */
export const PROTOCOL = 1;

/** Bytes of a message, apart from its structure: no channel copies them twice. */
export type Part = Uint8Array<ArrayBuffer>;

const LARGE = 4 * 1024;

/** Worth handing over instead of copying, where a channel can. */
export function isLarge(part: Part): boolean {
  return part.byteLength >= LARGE;
}

/** One message with its bytes, which it names by position. */
export interface Packet<M> {
  readonly message: M;
  readonly parts: readonly Part[];
  readonly shared: readonly SharedArrayBuffer[];
  /** Parts that are handed over instead of copied, where the channel can: they can be sent once. */
  readonly moved?: readonly number[];
}

/** A large buffer that is not in the packet: in a file, in shared memory (`shared` of the packet), or in an earlier message. */
export type HeldRef = { readonly at: number; readonly name: string; readonly bytes: number; readonly own?: true } & (
  | { readonly path: string }
  | { readonly shared: number }
  | { readonly part: true }
);

/** A codec frame whose bytes are parts of the packet. */
export interface FrameRef {
  readonly head: number;
  readonly buffers: readonly number[];
  readonly shared: readonly number[];
  readonly codes: readonly string[];
  /** Texts of the codes, in answers that may hold functions. */
  readonly texts?: readonly string[];
  readonly modules: readonly ModuleRef[];
  /** Buffers that are elsewhere; their parts have no bytes. */
  readonly held?: readonly HeldRef[];
}

/** Arguments of a unit's calls: all numbers, `arity` each, in place or as one part; or any values as a frame of an array of argument lists. */
export type ArgsRef =
  | { readonly kind: 'few'; readonly arity: number; readonly numbers: readonly number[] }
  | { readonly kind: 'numbers'; readonly arity: number; readonly part: number }
  | { readonly kind: 'values'; readonly frame: FrameRef };

export type HostMessage =
  | { readonly type: 'welcome'; readonly place: WorkerPlace; readonly reportsMemory: boolean }
  | { readonly type: 'code'; readonly hash: string; readonly text: string }
  /** What a hash stands for of packages that go along, or why it does not come. */
  | { readonly type: 'parcel'; readonly hash: string; readonly part: number }
  | { readonly type: 'noParcel'; readonly hash: string; readonly why: string }
  | {
      readonly type: 'define';
      readonly scope: number;
      readonly fn: number;
      readonly frame: FrameRef;
      readonly stateful: boolean;
    }
  | RunMessage
  /** A large buffer that frames of this call name from now on. */
  | { readonly type: 'memory'; readonly scope: number; readonly name: string; readonly part: number }
  /** Files of these names were read: the worker may write others over them. */
  | { readonly type: 'taken'; readonly names: readonly string[] }
  /** The whole unit, or the task at `position` alone. */
  | { readonly type: 'cancel'; readonly unit: number; readonly position?: number }
  /** What has not started of the unit does not start here, and its outcomes say cancelled; the task that is on goes on. */
  | { readonly type: 'giveBack'; readonly unit: number }
  /** Calls a function without arguments, between tasks. */
  | { readonly type: 'hook'; readonly id: number; readonly fn: number; readonly scope: number }
  | { readonly type: 'end'; readonly scope: number };

export interface RunMessage {
  readonly type: 'run';
  readonly unit: number;
  readonly scope: number;
  readonly fns: readonly number[];
  /** Which of `fns` each call takes; absent when there is one. */
  readonly which?: readonly number[];
  readonly args: ArgsRef;
  readonly from: number;
  readonly to: number;
  /** Index in the call's input of position 0, for messages. */
  readonly first: number;
  /** Positions that are not to run: their outcome is known to the sender. */
  readonly skip?: readonly number[];
  /** So many tasks count as started when the worker dies before it has said a word. */
  readonly window: number;
  /** Outcomes and marks go after so many milliseconds; absent: 1. */
  readonly stretchMs?: number;
  /** Absent the first time. */
  readonly attempt?: number;
  readonly settings?: TaskSettings;
  /** A function that each call is made through: it restores the context that the caller had. */
  readonly around?: number;
  /** The span that the run belongs to, where its caller records spans. */
  readonly trace?: TraceContext;
}

/** Outcomes in the order of the tasks. */
export type Segment =
  | { readonly kind: 'few'; readonly numbers: readonly number[] }
  | { readonly kind: 'numbers'; readonly part: number }
  | { readonly kind: 'values'; readonly count: number; readonly frame: FrameRef }
  | { readonly kind: 'failed'; readonly count: number; readonly frame: FrameRef }
  | { readonly kind: 'none'; readonly count: number; readonly why: NoResult };

export type WorkerMessage =
  | { readonly type: 'ready'; readonly protocol: number; readonly node: string }
  /** Tasks before `upTo` may have started, those from there on have not; unit 0: nothing that the worker holds has started. */
  | { readonly type: 'mark'; readonly unit: number; readonly upTo: number }
  /** The worker lacks a package, of which it wants what a hash stands for. */
  | { readonly type: 'need'; readonly hash: string }
  /** A hook is over: what it gave, or threw. */
  | { readonly type: 'hooked'; readonly id: number; readonly frame: FrameRef; readonly failed: boolean }
  /** Bytes of memory that the worker holds. */
  | { readonly type: 'memory'; readonly bytes: number }
  | { readonly type: 'console'; readonly unit: number; readonly position: number; readonly line: ConsoleLine }
  /** The calls of the unit are over; what they gave takes a while to send. */
  | { readonly type: 'ending'; readonly unit: number }
  /** A task that did not end after its signal was left to itself, beside others: the worker is to be replaced once these are over. */
  | { readonly type: 'left' }
  /** Outcomes of the tasks from `from` on, which took `ms` milliseconds; `end` with the last ones. */
  | {
      readonly type: 'outcomes';
      readonly unit: number;
      readonly from: number;
      readonly segments: readonly Segment[];
      readonly ms: number;
      readonly end: boolean;
    };

/** Collects the parts of a packet while its message is built. */
export class PartsWriter {
  readonly parts: Part[] = [];
  readonly shared: SharedArrayBuffer[] = [];
  readonly #moved: number[] = [];
  readonly #carry: ((holding: Holding) => void) | undefined;

  /** @param carry takes what large buffers hold, for receivers that cannot read segments of this machine */
  constructor(carry?: (holding: Holding) => void) {
    this.#carry = carry;
  }

  add(part: Part): number {
    return this.parts.push(part) - 1;
  }

  /** @param once the frame is sent this one time: what was moved may be handed over */
  addFrame(frame: HeldFrame, once = false): FrameRef {
    const { held } = frame;
    const buffers = frame.buffers.map((buffer) => this.add(buffer));
    if (once && frame.moved !== undefined) for (const at of frame.moved) this.#moved.push(buffers[at] as number);
    return {
      head: this.add(frame.head as Part),
      buffers,
      shared: frame.shared.map((memory) => this.shared.push(memory) - 1),
      codes: frame.codes,
      modules: frame.modules,
      ...(held && { held: held.map((each) => this.#held(each)) }),
    };
  }

  packet<M>(message: M): Packet<M> {
    const moved = this.#moved;
    return { message, parts: this.parts, shared: this.shared, ...(moved.length > 0 && { moved }) };
  }

  #held({ at, holding, own }: Held): HeldRef {
    const { name, length: bytes, segment } = holding;
    const ref = { at, name, bytes, ...(own && { own }) };
    if (this.#carry !== undefined) {
      this.#carry(holding);
      return { ...ref, part: true };
    }
    const { locator } = segment;
    if ('path' in locator) return { ...ref, path: locator.path };
    return { ...ref, shared: this.shared.push(locator.memory) - 1 };
  }
}

/** A packet without bytes. */
export function bare<M>(message: M): Packet<M> {
  return { message, parts: [], shared: [] };
}

/** Packages that must be loaded before these outcomes are read. */
export function modulesIn(segments: readonly Segment[]): readonly ModuleRef[] {
  let found: readonly ModuleRef[] = NO_MODULES;
  for (const segment of segments) {
    if ((segment.kind !== 'values' && segment.kind !== 'failed') || segment.frame.modules.length === 0) continue;
    found = found.length === 0 ? segment.frame.modules : [...found, ...segment.frame.modules];
  }
  return found;
}

const NO_MODULES: readonly ModuleRef[] = [];

/** The frame that a packet carries under this reference. @throws TypeError when a part is missing */
export function readFrame(packet: Packet<unknown>, ref: FrameRef): Frame {
  return {
    head: readPart(packet, ref.head),
    buffers: ref.buffers.map((at) => readPart(packet, at)),
    shared: ref.shared.map((at) => {
      const memory = packet.shared[at];
      if (memory === undefined) throw new TypeError(`the packet has no shared memory ${at}`);
      return memory;
    }),
    codes: ref.codes,
    modules: ref.modules,
  };
}

export function readPart(packet: Packet<unknown>, at: number): Part {
  const part = packet.parts[at];
  if (part === undefined) throw new TypeError(`the packet has no part ${at}`);
  return part;
}

/** A part as doubles; parts that channels deliver start at a multiple of 8. */
export function readNumbers(packet: Packet<unknown>, at: number): Float64Array<ArrayBuffer> {
  const part = readPart(packet, at);
  return new Float64Array(part.buffer, part.byteOffset, part.byteLength / 8);
}

/** So many numbers cross as they are: cheaper than a buffer of their own. */
export const FEW = 16;

/** A few numbers. Not -0, which MessagePack does not have. */
export function fewNumbers(values: readonly unknown[]): readonly number[] | undefined {
  if (values.length > FEW) return undefined;
  for (let at = 0; at < values.length; at += 1)
    if (typeof values[at] !== 'number' || Object.is(values[at], -0)) return undefined;
  return values as readonly number[];
}

export function bytesOf(numbers: Float64Array<ArrayBuffer>): Part {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
