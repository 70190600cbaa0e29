import type { Batch } from '../batch.ts';
import { FOREVER } from '../call-scope.ts';
import type { Work } from '../work.ts';
import { bare, bytesOf, type HostMessage, type Packet, PartsWriter } from './messages.ts';

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
  const { id: scope } = batch.scope;
  const send = (hash: string, text: string): void => {
    if (known.codes.has(hash)) return;
    known.codes.add(hash);
    packets.push(bare({ type: 'code', hash, text }));
  };
  for (const { fn, scope: home, frame, codes, stateful } of work.functions) {
    if (known.functions.has(fn)) continue;
    known.functions.add(fn);
    for (const [hash, text] of codes) send(hash, text);
    const writer = new PartsWriter();
    packets.push(writer.packet({ type: 'define', scope: home, fn, frame: writer.addFrame(frame), stateful }));
  }
  const writer = new PartsWriter();
  const { args } = work;
  if (args.kind === 'values') for (const hash of args.frame.codes) send(hash, batch.scope.session.code(hash));
  const skip = [...work.refused.keys()];
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
