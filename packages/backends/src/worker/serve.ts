import { Session, addCode } from '@jobloom/codec';
import { type ArgsRef, type HostMessage, type Packet, PROTOCOL, type RunMessage, readFrame, readNumbers, type WorkerMessage } from '../pool/messages.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { type Calls, runCalls } from './run-calls.ts';

/** The worker's end of a channel. */
export interface WorkerChannel {
  onPacket(listener: (packet: Packet<HostMessage>) => void): void;
  send(packet: Packet<WorkerMessage>): void;
  /** Everything sent so far is on its way even if the worker dies now. */
  flush(): void;
}

export interface ServeOptions {
  /** Two numbers that follow the running task: its unit (0 when none) and its position. */
  readonly place: Int32Array;
  readonly sharedMemory: boolean;
  /** The caller cannot see `place`: tell it by marks which tasks may have started. */
  readonly marks: boolean;
}

type Rebuilt = (...args: unknown[]) => unknown;

interface Entry {
  readonly scope: number;
  readonly packet: Packet<HostMessage>;
  readonly stateful: boolean;
  built?: Rebuilt;
}

/** Serves one caller for the rest of the worker's life. Returns what must run when the worker is about to exit. */
export function serve(channel: WorkerChannel, options: ServeOptions): () => void {
  const sessions = new Map<number, Session>();
  const functions = new Map<number, Entry>();
  const cancelled = new Set<number>();
  const queue: Packet<RunMessage>[] = [];
  let running: OutcomeWriter | undefined;
  let working = false;
  const { place } = options;

  const sessionOf = (scope: number): Session => {
    let session = sessions.get(scope);
    if (session === undefined) {
      session = new Session({ sharedMemory: options.sharedMemory });
      sessions.set(scope, session);
    }
    return session;
  };

  const build = async (fn: number): Promise<Rebuilt> => {
    const entry = functions.get(fn);
    if (entry === undefined) throw new TypeError(`function ${fn} was never sent to this worker`);
    if (entry.built !== undefined) return entry.built;
    const session = sessionOf(entry.scope);
    const frame = readFrame(entry.packet, (entry.packet.message as HostMessage & { type: 'define' }).frame);
    if (frame.modules.length > 0) await session.load(frame.modules);
    if (entry.stateful) return (...args) => (session.decode(frame) as Rebuilt)(...args);
    entry.built = session.decode(frame) as Rebuilt;
    return entry.built;
  };

  const run = async (packet: Packet<RunMessage>): Promise<void> => {
    const { message } = packet;
    const { unit, from, to } = message;
    const session = (): Session => sessions.get(message.scope) ?? new Session({ sharedMemory: options.sharedMemory });
    const writer = new OutcomeWriter(message, session, channel.send);
    running = writer;
    place[1] = from;
    place[0] = unit;
    try {
      const built: Rebuilt[] = [];
      for (const fn of message.fns) built.push(functions.get(fn)?.built ?? (await build(fn)));
      const call = message.args.kind === 'numbers' ? numberCall(packet, message.args, built) : await valueCall(packet, message.args, built, sessionOf(message.scope));
      const skip = message.skip && new Set(message.skip);
      const calls: Calls = {
        from,
        to,
        call,
        place,
        cancelled: () => cancelled.has(unit),
        ...(skip && { skips: (index: number) => skip.has(index) }),
      };
      await runCalls(calls, options.marks ? withMarks(writer, message, channel) : writer);
      writer.flush(true);
    } catch (error) {
      writer.failAll(error, to - from); // nothing ran: code or arguments did not arrive whole
    }
    place[0] = 0;
    running = undefined;
    cancelled.delete(unit);
    channel.flush();
  };

  const work = async (): Promise<void> => {
    working = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next);
    working = false;
  };

  channel.onPacket((packet) => {
    const { message } = packet;
    switch (message.type) {
      case 'code':
        addCode(message.hash, message.text);
        break;
      case 'define':
        functions.set(message.fn, { scope: message.scope, packet, stateful: message.stateful });
        break;
      case 'run':
        queue.push(packet as Packet<RunMessage>);
        if (!working) void work();
        break;
      case 'cancel':
        cancelled.add(message.unit);
        break;
      case 'end':
        sessions.delete(message.scope);
        for (const [fn, { scope }] of functions) if (scope === message.scope) functions.delete(fn);
        break;
      default:
        message satisfies never;
    }
  });
  channel.send({ message: { type: 'ready', protocol: PROTOCOL, node: process.version }, parts: [], shared: [] });
  channel.flush();

  return () => {
    if (running === undefined) return;
    running.flush(false);
    if (options.marks) channel.send(markOf(place[0] ?? 0, (place[1] ?? 0) + 1));
    channel.flush();
  };
}

function markOf(unit: number, upTo: number): Packet<WorkerMessage> {
  return { message: { type: 'mark', unit, upTo }, parts: [], shared: [] };
}

/** The writer, saying as well how far tasks may have started. */
function withMarks(writer: OutcomeWriter, message: RunMessage, channel: WorkerChannel): Parameters<typeof runCalls>[1] {
  let known = message.from + message.window;
  return {
    done: (index, value) => writer.done(index, value),
    failed: (index, error) => writer.failed(index, error),
    none: (index, why) => writer.none(index, why),
    stretch: () => writer.stretch(),
    starting(_index, ahead) {
      if (ahead > known) {
        known = ahead;
        channel.send(markOf(message.unit, known));
      }
      channel.flush();
    },
  };
}

type MakeCall = (index: number) => unknown;

/** Calls whose arguments are all numbers. */
function numberCall(packet: Packet<RunMessage>, args: ArgsRef & { kind: 'numbers' }, built: readonly Rebuilt[]): MakeCall {
  const numbers = readNumbers(packet, args.part);
  const { which } = packet.message;
  const { arity } = args;
  const [only] = built as [Rebuilt];
  if (which !== undefined) return (index) => (built[which[index] as number] as Rebuilt)(...numbers.subarray(index * arity, (index + 1) * arity));
  if (arity === 1) return (index) => only(numbers[index]);
  if (arity === 2) return (index) => only(numbers[2 * index], numbers[2 * index + 1]);
  return (index) => only(...numbers.subarray(index * arity, (index + 1) * arity));
}

async function valueCall(packet: Packet<RunMessage>, args: ArgsRef & { kind: 'values' }, built: readonly Rebuilt[], session: Session): Promise<MakeCall> {
  const frame = readFrame(packet, args.frame);
  if (frame.modules.length > 0) await session.load(frame.modules);
  const lists = session.decode(frame) as unknown[][];
  const { which } = packet.message;
  const [only] = built as [Rebuilt];
  if (which === undefined) return (index) => only(...(lists[index] as unknown[]));
  return (index) => (built[which[index] as number] as Rebuilt)(...(lists[index] as unknown[]));
}
