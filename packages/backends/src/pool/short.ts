import { bytesOf, type Packet, type RunMessage, readNumbers, toDoubles, type WorkerMessage } from './messages.ts';

/** A packet of numbers only: it crosses in half the time. */
export type Short = readonly number[];

const FEW = 16;
const RUN_FIELDS = 8;
const OUTCOMES_FIELDS = 3;

/** A run of one function on a few numbers, or the last few results of a unit, as numbers; other packets do not shorten. */
export function shorten(packet: Packet<unknown>): Short | undefined {
  const { parts } = packet;
  const message = packet.message as RunMessage | WorkerMessage;
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
export function lengthen<M>(short: Short): Packet<M> {
  const [unit, second, third, arity, from, to, first, window] = short as [number, number, number, number, number, number, number, number];
  const run = unit > 0;
  const parts = [bytesOf(toDoubles(short, run ? RUN_FIELDS : OUTCOMES_FIELDS))];
  const message: RunMessage | WorkerMessage = run
    ? { type: 'run', unit, scope: second, fns: [third], args: { kind: 'numbers', arity, part: 0 }, from, to, first, window }
    : { type: 'outcomes', unit: -unit, from: second, ms: third, segments: [{ kind: 'numbers', part: 0 }], end: true };
  return { message: message as M, parts, shared: [] };
}
