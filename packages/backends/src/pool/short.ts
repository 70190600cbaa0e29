import { FEW, type Packet, type RunMessage, type WorkerMessage } from './messages.ts';

/** A packet of numbers only: it crosses in half the time. */
export type Short = readonly number[];

const RUN_FIELDS = 9;
const OUTCOMES_FIELDS = 3;
/** Numbers in the longest. */
export const MAX_SHORT: number = RUN_FIELDS + FEW;

/** A run of one function on a few numbers, or the last few results of a unit, as numbers; other packets do not shorten. */
export function shorten(packet: Packet<unknown>): Short | undefined {
  if (packet.parts.length > 0) return undefined;
  const message = packet.message as RunMessage | WorkerMessage;
  if (message.type === 'run') {
    const {
      args,
      fns,
      which,
      skip,
      unit,
      scope,
      from,
      to,
      first,
      window,
      stretchMs,
      attempt,
      settings,
      around,
      trace,
    } = message;
    if (args.kind !== 'few' || fns.length !== 1 || which !== undefined || skip !== undefined) return undefined;
    if (attempt !== undefined || settings !== undefined || around !== undefined || trace !== undefined)
      return undefined;
    return append([unit, scope, fns[0] as number, args.arity, from, to, first, window, stretchMs ?? 0], args.numbers);
  }
  if (message.type !== 'outcomes' || !message.end || message.segments.length !== 1) return undefined;
  const [segment] = message.segments;
  return segment?.kind === 'few' ? append([-message.unit, message.from, message.ms], segment.numbers) : undefined;
}

function append(short: number[], numbers: readonly number[]): Short {
  for (let at = 0; at < numbers.length; at += 1) short.push(numbers[at] as number);
  return short;
}

/** A unit's number is above 0: outcomes carry it negated, to tell the two apart. @throws TypeError when it is no short packet */
export function lengthen<M>(short: Short): Packet<M> {
  for (let at = 0; at < short.length; at += 1)
    if (typeof short[at] !== 'number') throw new TypeError('no short packet');
  const [unit, second, third, arity, from, to, first, window, stretchMs] = short as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const run = unit > 0;
  const numbers = short.slice(run ? RUN_FIELDS : OUTCOMES_FIELDS);
  const message: RunMessage | WorkerMessage = run
    ? {
        type: 'run',
        unit,
        scope: second,
        fns: [third],
        args: { kind: 'few', arity, numbers },
        from,
        to,
        first,
        window,
        ...(stretchMs > 0 && { stretchMs }),
      }
    : { type: 'outcomes', unit: -unit, from: second, ms: third, segments: [{ kind: 'few', numbers }], end: true };
  return { message: message as M, parts: [], shared: [] };
}
