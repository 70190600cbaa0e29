import { addCode, type Frame } from '@jobloom/codec';
import type { Outbox } from '../bulk/outbox.ts';
import {
  bare,
  type HostMessage,
  type Packet,
  PartsWriter,
  PROTOCOL,
  type RunMessage,
  readPart,
  type WorkerMessage,
} from '../pool/messages.ts';
import { holder } from '../task/current-task.ts';
import { Functions } from './functions.ts';
import { Lanes } from './lanes.ts';
import { MemoryReport } from './memory-report.ts';
import { Parcels } from './parcels.ts';
import { RunningUnit } from './unit.ts';

/** The worker's end of a channel. */
export interface WorkerChannel {
  onPacket(listener: (packet: Packet<HostMessage>) => void): void;
  send(packet: Packet<WorkerMessage>): void;
  /** Hands over what was sent so far. True when all of it is on its way even if the worker dies now. */
  flush(): boolean;
}

export interface ServeOptions {
  /** Two numbers that follow the running task: its unit (0 when none) and its position. */
  readonly place: Int32Array;
  readonly sharedMemory: boolean;
  /** The caller cannot see `place`: tell it by marks which tasks may have started. */
  readonly marks: boolean;
  /** The caller ends this worker when a task does not come to its end. */
  readonly replaced: boolean;
  /** Nothing else runs in this process. */
  readonly ownProcess: boolean;
  /** The caller answers when the worker lacks a package; true where nothing is said. */
  readonly asks?: boolean;
  /** What becomes of large and moved memory in answers. */
  readonly outbox: Outbox;
  /** Where tasks that overlap take their turns; lanes of its own where it is left out. */
  readonly lanes?: Lanes;
}

/** Serves one caller for the rest of the worker's life. Returns what must run when the worker is about to exit. */
export function serve(channel: WorkerChannel, options: ServeOptions): () => void {
  const ask = (hash: string): void => {
    channel.send(bare({ type: 'need', hash }));
    channel.flush();
  };
  const parcels = new Parcels(options.asks === false ? undefined : ask);
  const functions = new Functions(options.sharedMemory, options.outbox, parcels);
  const queue: RunningUnit[] = [];
  const { place } = options;
  let running: RunningUnit | undefined;
  const lanes = options.lanes ?? new Lanes();
  /** Units whose tasks overlap, in the order in which they came. They and others never run at the same time. */
  const beside = new Set<RunningUnit>();
  const memory = new MemoryReport(options.ownProcess);

  const work = (): void => {
    for (let unit = next(); unit !== undefined; unit = next()) {
      if (unit.width > 1) {
        overlap(unit);
        continue;
      }
      running = unit;
      place[1] = unit.from;
      place[0] = unit.unit;
      const pending = unit.run();
      if (pending !== undefined) {
        void pending.then(() => {
          rest();
          work();
        });
        return;
      }
      rest();
    }
  };

  const next = (): RunningUnit | undefined =>
    beside.size === 0 || (queue[0]?.width ?? 1) > 1 ? queue.shift() : undefined;

  const overlap = (unit: RunningUnit): void => {
    beside.add(unit);
    void Promise.resolve(unit.run()).then(() => {
      beside.delete(unit);
      if (beside.size > 0) channel.flush();
      else rest();
      if (running === undefined) work();
    });
  };

  const rest = (): void => {
    place[0] = 0;
    running = undefined;
    channel.flush();
  };

  channel.onPacket((packet) => {
    const { message } = packet;
    switch (message.type) {
      case 'welcome':
        holder.worker = message.place;
        memory.wanted = message.reportsMemory;
        break;
      case 'code':
        addCode(message.hash, message.text);
        break;
      case 'parcel':
        parcels.bring(message.hash, readPart(packet, message.part));
        break;
      case 'noParcel':
        parcels.refuse(message.hash, message.why);
        break;
      case 'define':
        functions.define(packet as Packet<HostMessage & { type: 'define' }>);
        break;
      case 'run':
        queue.push(new RunningUnit(packet as Packet<RunMessage>, { channel, functions, options, memory, lanes }));
        if (running === undefined) work();
        break;
      case 'memory':
        functions.arrivals.bring(message.scope, message.name, readPart(packet, message.part));
        break;
      case 'taken':
        options.outbox.taken(message.names);
        break;
      case 'cancel':
        for (const unit of [running, ...beside, ...queue])
          if (unit?.unit === message.unit) unit.cancel(message.position);
        break;
      case 'giveBack':
        for (const unit of [running, ...beside, ...queue]) if (unit?.unit === message.unit) unit.giveBack();
        break;
      case 'hook':
        void hook(message);
        break;
      case 'end':
        functions.forget(message.scope);
        break;
      default:
        message satisfies never;
    }
  });

  /** Calls a function of the caller's for its effect, between tasks. */
  const hook = async ({ id, fn, scope }: HostMessage & { type: 'hook' }): Promise<void> => {
    const writer = new PartsWriter();
    const session = functions.answering(scope);
    let failed = false;
    let frame: Frame;
    try {
      frame = session.encode(await (await functions.build(fn))(), ['result']);
    } catch (error) {
      failed = true;
      frame = session.encodeFailure(error, ['error']);
    }
    channel.send(writer.packet({ type: 'hooked', id, frame: writer.addFrame(options.outbox.settle(frame)), failed }));
    channel.flush();
  };

  channel.send(bare({ type: 'ready', protocol: PROTOCOL, node: process.version }));
  channel.flush();

  return () => {
    const on = running === undefined ? [...beside] : [running];
    for (const unit of on) unit.flush();
    if (options.marks) {
      const [unit = 0, position = 0] = place;
      channel.send(bare({ type: 'mark', unit, upTo: position + 1 }));
      on.find((each) => each.unit === unit)?.marking?.told(position + 1);
    }
    channel.flush();
  };
}
