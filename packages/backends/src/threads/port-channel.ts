import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { bytesOf, isLarge, type Packet, type Part, type RunMessage, readNumbers, toDoubles, type WorkerMessage } from '../pool/messages.ts';

type Raw = readonly [message: unknown, parts: readonly Part[], shared: readonly SharedArrayBuffer[]];
/** A short packet of numbers only: copying this takes half the time. */
type Short = readonly number[];

const FEW = 16;
const RUN_FIELDS = 8;
const OUTCOMES_FIELDS = 3;

/** Sends a packet through a port; `handOver` moves large parts instead of copying them. */
export function sendPacket(port: MessagePort, packet: Packet<unknown>, handOver: boolean): void {
  const short = shorten(packet as Packet<RunMessage | WorkerMessage>);
  if (short !== undefined) {
    port.postMessage(short);
    return;
  }
  const parts = packet.parts.map(tight);
  const transfer = handOver ? parts.filter(isLarge).map((part) => part.buffer) : [];
  port.postMessage([packet.message, parts, packet.shared] satisfies Raw, transfer);
}

/** What `sendPacket` sent. */
export function readPacket<M>(raw: unknown): Packet<M> {
  const [first] = raw as Raw | Short;
  if (typeof first === 'number') return lengthen(raw as Short) as Packet<unknown> as Packet<M>;
  const [message, parts, shared] = raw as Raw;
  return { message: message as M, parts, shared };
}

/** What has arrived and was not delivered yet. */
export function drain<M>(port: MessagePort, deliver: (packet: Packet<M>) => void): void {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) deliver(readPacket(got.message));
}

/** A part that is a view of something larger would drag all of it along. */
function tight(part: Part): Part {
  return part.byteLength === part.buffer.byteLength ? part : part.slice();
}

/** A run of one function on a few numbers, or the last few results of a unit, as numbers; other packets do not shorten. */
function shorten(packet: Packet<RunMessage | WorkerMessage>): Short | undefined {
  const { message, parts } = packet;
  const [part] = parts;
  if (parts.length !== 1 || part === undefined || part.byteLength > FEW * 8) return undefined;
  if (message.type === 'run') {
    const { args, fns, which, skip, unit, scope, from, to, first, window } = message;
    if (args.kind !== 'numbers' || fns.length !== 1 || which !== undefined || skip !== undefined) return undefined;
    return append([unit, scope, fns[0] as number, args.arity, from, to, first, window], readNumbers(packet, 0));
  }
  if (message.type !== 'outcomes' || !message.end || message.segments.length !== 1 || message.segments[0]?.kind !== 'numbers') return undefined;
  return append([-message.unit, message.from, message.ms], readNumbers(packet, 0));
}

function append(short: number[], numbers: Float64Array): Short {
  for (let at = 0; at < numbers.length; at += 1) short.push(numbers[at] as number);
  return short;
}

/** A unit's number is above 0: outcomes carry it negated, to tell the two apart. */
function lengthen(short: Short): Packet<RunMessage | WorkerMessage> {
  const [unit, second, third, arity, from, to, first, window] = short as [number, number, number, number, number, number, number, number];
  const run = unit > 0;
  const parts = [bytesOf(toDoubles(short, run ? RUN_FIELDS : OUTCOMES_FIELDS))];
  const message: RunMessage | WorkerMessage = run
    ? { type: 'run', unit, scope: second, fns: [third], args: { kind: 'numbers', arity, part: 0 }, from, to, first, window }
    : { type: 'outcomes', unit: -unit, from: second, ms: third, segments: [{ kind: 'numbers', part: 0 }], end: true };
  return { message, parts, shared: [] };
}
