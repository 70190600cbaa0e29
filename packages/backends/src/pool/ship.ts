import type { Frame } from '@jobloom/codec';
import type { Batch } from '../batch.ts';
import { FOREVER } from '../call-scope.ts';
import type { Work } from '../work.ts';
import { bytesOf, type HostMessage, type Packet, PartsWriter } from './messages.ts';

/** What a worker has been sent already. */
export interface Known {
  readonly functions: Set<number>;
  readonly codes: Set<string>;
}

export function nothingKnown(): Known {
  return { functions: new Set(), codes: new Set() };
}

/** Whether a worker keeps anything of this work until its call ends. */
export function leavesTraces(work: Work): boolean {
  return work.args.kind === 'values' || work.functions.some(({ scope }) => scope !== FOREVER);
}

export interface Range {
  readonly unit: number;
  readonly from: number;
  readonly to: number;
  /** So many tasks count as started until the worker says otherwise. */
  readonly window: number;
}

/** The packets that make a worker run a range of a batch: code and functions that are new to it, then the run. */
export function packetsFor(batch: Batch, work: Work, range: Range, known: Known): Packet<HostMessage>[] {
  const packets: Packet<HostMessage>[] = [];
  const { session, id: scope } = batch.scope;
  const codes = (frame: Frame): void => {
    for (const hash of frame.codes) {
      if (known.codes.has(hash)) continue;
      known.codes.add(hash);
      packets.push({ message: { type: 'code', hash, text: session.code(hash) }, parts: [], shared: [] });
    }
  };
  for (const { fn, scope: home, frame, stateful } of work.functions) {
    if (known.functions.has(fn)) continue;
    known.functions.add(fn);
    codes(frame);
    const writer = new PartsWriter();
    packets.push(writer.packet({ type: 'define', scope: home, fn, frame: writer.addFrame(frame), stateful }));
  }
  const writer = new PartsWriter();
  const { args } = work;
  if (args.kind === 'values') codes(args.frame);
  const skip = [...work.refused.keys()];
  packets.push(
    writer.packet({
      type: 'run',
      unit: range.unit,
      scope,
      fns: work.functions.map(({ fn }) => fn),
      ...(work.which && { which: work.which }),
      args:
        args.kind === 'numbers'
          ? { kind: 'numbers', arity: args.arity, part: writer.add(bytesOf(args.numbers)) }
          : { kind: 'values', frame: writer.addFrame(args.frame) },
      from: range.from,
      to: range.to,
      first: batch.firstIndex,
      ...(skip.length > 0 && { skip }),
      window: range.window,
    }),
  );
  return packets;
}
