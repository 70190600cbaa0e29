import { type ModuleRef, parcelBytes, parcelsOf } from '@jobloom/codec';
import type { Batch } from '../batch.ts';
import type { Holding } from '../bulk/depot.ts';
import { isSent } from '../bulk/moved.ts';
import { type Defined, FOREVER } from '../call-scope.ts';
import type { Work } from '../work.ts';
import { bare, bytesOf, type HostMessage, type Packet, PartsWriter } from './messages.ts';

/** What a worker has been sent already. */
export interface Known {
  readonly functions: Set<number>;
  readonly codes: Set<string>;
  /** Large buffers, by call and name; undefined where the worker reads them from segments of this machine. */
  readonly memories: Set<string> | undefined;
  /** Brings them in its own way; undefined: in messages. */
  readonly carry: ((scope: number, holding: Holding) => void) | undefined;
  /** Parcels of packages, by hash; undefined where the worker asks for what it lacks. */
  readonly parcels: Set<string> | undefined;
}

/**
 * @param carries whether large buffers go along in messages
 * @param asks whether the worker can ask for packages
 */
export function nothingKnown(carries: boolean, asks = true, carry?: Known['carry']): Known {
  return {
    functions: new Set(),
    codes: new Set(),
    memories: carries ? new Set() : undefined,
    carry,
    parcels: asks ? undefined : new Set(),
  };
}

/** Memory that was moved went to a worker, and cannot be sent again. */
export function isSpent({ args }: Work): boolean {
  if (args.kind !== 'values' || args.frame.moved === undefined) return false;
  return args.frame.moved.some((at) => isSent((args.frame.buffers[at] as Uint8Array).buffer));
}

/** Whether a worker keeps anything of this work until its call ends. */
export function leavesTraces(work: Work): boolean {
  return (
    work.args.kind === 'values' || work.around !== undefined || work.functions.some(({ scope }) => scope !== FOREVER)
  );
}

const SHORTEST_STRETCH_MS = 1;
const LONGEST_STRETCH_MS = 16;

/** How a worker keeps its caller informed of a batch: twice, and not much oftener, as each message costs the caller a moment of a core. */
export function paceOf({ expectedMs = 0, length, tasksPerWorker }: Batch): {
  readonly stretchMs: number;
  readonly window: number;
} {
  const stretchMs = Math.min(LONGEST_STRETCH_MS, Math.max(SHORTEST_STRETCH_MS, expectedMs / 2));
  if (tasksPerWorker > 1) return { stretchMs, window: 0 }; // each start among others is told
  const window = expectedMs === 0 ? 1 : Math.max(1, Math.floor((stretchMs * length) / expectedMs));
  return { stretchMs, window };
}

export interface Range {
  readonly unit: number;
  readonly from: number;
  readonly to: number;
  /** So many tasks count as started until the worker says otherwise. */
  readonly window: number;
  /** See `RunMessage`. */
  readonly stretchMs?: number;
}

/** The packets that make a worker run a range of a batch: code and functions that are new to it, then the run. */
export function packetsFor(batch: Batch, work: Work, range: Range, known: Known): Packet<HostMessage>[] {
  const packets: Packet<HostMessage>[] = [];
  const { id: scope } = batch.scope;
  const { settings } = batch;
  for (const defined of work.functions) define(defined, known, packets);
  if (work.around !== undefined) define(work.around, known, packets);
  const writer = new PartsWriter(carrier(scope, known, packets));
  const { args } = work;
  if (args.kind === 'values') {
    for (const hash of args.frame.codes) sendCode(hash, batch.scope.session.code(hash), known, packets);
    sendPackages(args.frame.modules, known, packets);
  }
  const skip = [...work.refused.keys(), ...batch.cancelled];
  packets.push(
    writer.packet({
      type: 'run',
      unit: range.unit,
      scope,
      fns: work.functions.map(({ fn }) => fn),
      ...(work.which && { which: work.which }),
      args:
        args.kind === 'few'
          ? args
          : args.kind === 'numbers'
            ? { kind: 'numbers', arity: args.arity, part: writer.add(bytesOf(args.numbers)) }
            : { kind: 'values', frame: writer.addFrame(args.frame, true) },
      from: range.from,
      to: range.to,
      first: batch.firstIndex,
      ...(skip.length > 0 && { skip }),
      window: range.window,
      ...(range.stretchMs !== undefined && { stretchMs: range.stretchMs }),
      ...(batch.attempt > 1 && { attempt: batch.attempt }),
      ...(settings && { settings }),
      ...(work.around && { around: work.around.fn }),
      ...(batch.trace && { trace: batch.trace }),
    }),
  );
  return packets;
}

/** What makes a worker know a function, unless it does. */
export function define(
  { fn, scope, frame, codes, stateful }: Defined,
  known: Known,
  packets: Packet<HostMessage>[],
): void {
  if (known.functions.has(fn)) return;
  known.functions.add(fn);
  for (const [hash, text] of codes) sendCode(hash, text, known, packets);
  sendPackages(frame.modules, known, packets);
  const writer = new PartsWriter(carrier(scope, known, packets));
  packets.push(writer.packet({ type: 'define', scope, fn, frame: writer.addFrame(frame), stateful }));
}

/** Sends what large buffers hold once a call, for receivers that cannot read it here. */
function carrier(
  scope: number,
  known: Known,
  packets: Packet<HostMessage>[],
): ((holding: Holding) => void) | undefined {
  const { memories } = known;
  if (memories === undefined) return undefined;
  return (holding) => {
    const { name, length, segment } = holding;
    const key = `${scope} ${name}`;
    if (memories.has(key)) return;
    memories.add(key);
    if (known.carry !== undefined) return known.carry(scope, holding);
    const writer = new PartsWriter();
    packets.push(writer.packet({ type: 'memory', scope, name, part: writer.add(segment.read(length)) }));
  };
}

function sendCode(hash: string, text: string, known: Known, packets: Packet<HostMessage>[]): void {
  if (known.codes.has(hash)) return;
  known.codes.add(hash);
  packets.push(bare({ type: 'code', hash, text }));
}

/** Sends all that packages consist of to who cannot ask for it. */
function sendPackages(modules: readonly ModuleRef[], { parcels }: Known, packets: Packet<HostMessage>[]): void {
  if (parcels === undefined || modules.length === 0) return;
  for (const hash of parcelsOf(modules)) {
    if (parcels.has(hash)) continue;
    parcels.add(hash);
    packets.push(parcelPacket(hash));
  }
}

/** What a hash stands for of packages that go along. @throws TypeError for what this process did not offer */
function parcelPacket(hash: string): Packet<HostMessage> {
  const writer = new PartsWriter();
  return writer.packet({ type: 'parcel', hash, part: writer.add(parcelBytes(hash)) });
}

/** The answer to a worker that lacks a package. */
export function parcelAnswer(hash: string): Packet<HostMessage> {
  try {
    return parcelPacket(hash);
  } catch (error) {
    return bare({ type: 'noParcel', hash, why: (error as Error).message });
  }
}
