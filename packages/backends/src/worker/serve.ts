import { addCode, Session } from '@jobloom/codec';
import {
  type ArgsRef,
  bare,
  type HostMessage,
  type Packet,
  PROTOCOL,
  type RunMessage,
  readFrame,
  readNumbers,
  type WorkerMessage,
} from '../pool/messages.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { type Calls, runCalls, type Sink } from './run-calls.ts';

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
  let marking: MarkingSink | undefined;
  let working = false;
  /** Units that are queued or running. */
  const held = new Set<number>();
  const { place } = options;

  const sessionOf = (scope: number): Session => {
    let session = sessions.get(scope);
    if (session === undefined) {
      session = new Session({ sharedMemory: options.sharedMemory, role: 'worker' });
      sessions.set(scope, session);
    }
    return session;
  };

  /** The function of this number; a promise while packages that it needs are loaded. */
  const build = (fn: number): Rebuilt | Promise<Rebuilt> => {
    const entry = functions.get(fn);
    if (entry === undefined) throw new TypeError(`function ${fn} was never sent to this worker`);
    if (entry.built !== undefined) return entry.built;
    const session = sessionOf(entry.scope);
    const frame = readFrame(entry.packet, (entry.packet.message as HostMessage & { type: 'define' }).frame);
    const decode = (): Rebuilt => {
      if (entry.stateful) return (...args) => (session.decode(frame) as Rebuilt)(...args);
      entry.built = session.decode(frame) as Rebuilt;
      return entry.built;
    };
    return frame.modules.length > 0 ? session.load(frame.modules).then(decode) : decode();
  };

  const prepare = (packet: Packet<RunMessage>): MakeCall | Promise<MakeCall> => {
    const { fns, args, scope } = packet.message;
    const built = fns.map(build);
    const session = (): Session => sessionOf(scope);
    const ready = (all: readonly Rebuilt[]): MakeCall | Promise<MakeCall> =>
      args.kind === 'values' ? valueCall(packet, args, all, session()) : numberCall(packet, args, all);
    return built.some((one) => one instanceof Promise) ? Promise.all(built).then(ready) : ready(built as Rebuilt[]);
  };

  /** Runs one unit; a promise when it had to wait. */
  const run = (packet: Packet<RunMessage>): Promise<void> | undefined => {
    const { message } = packet;
    const { unit, from, to } = message;
    const session = (): Session =>
      sessions.get(message.scope) ?? new Session({ sharedMemory: options.sharedMemory, role: 'worker' });
    const writer = new OutcomeWriter(message, session, channel.send);
    marking = options.marks ? new MarkingSink(writer, message, channel) : undefined;
    const sink = marking ?? writer;
    const finish = (): void => {
      if (writer.isBulky) {
        channel.send(bare({ type: 'ending', unit })); // the next unit can come while this one's results go
        channel.flush();
      }
      writer.flush(true);
      rest(unit);
    };
    const refuse = (error: unknown): void => {
      writer.failAll(error, to - from); // nothing ran: code or arguments did not arrive whole
      rest(unit);
    };
    const execute = (call: MakeCall): Promise<void> | undefined => {
      const skip = message.skip && new Set(message.skip);
      const skips = skip === undefined ? undefined : (index: number): boolean => skip.has(index);
      const calls: Calls = { from, to, call, place, cancelled: () => cancelled.has(unit), skips };
      const pending = runCalls(calls, sink);
      if (pending !== undefined) return pending.then(finish);
      finish();
      return undefined;
    };
    running = writer;
    place[1] = from;
    place[0] = unit;
    let call: MakeCall | Promise<MakeCall>;
    try {
      call = prepare(packet);
    } catch (error) {
      refuse(error);
      return undefined;
    }
    return call instanceof Promise ? call.then(execute, refuse) : execute(call);
  };

  const rest = (unit: number): void => {
    place[0] = 0;
    held.delete(unit);
    running = undefined;
    cancelled.delete(unit);
    channel.flush();
  };

  const work = (): void => {
    for (let packet = queue.shift(); packet !== undefined; packet = queue.shift()) {
      const pending = run(packet);
      if (pending === undefined) continue;
      working = true;
      void pending.then(() => {
        working = false;
        work();
      });
      return;
    }
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
        held.add(message.unit);
        queue.push(packet as Packet<RunMessage>);
        if (!working) work();
        break;
      case 'cancel':
        if (held.has(message.unit)) cancelled.add(message.unit); // others are over
        break;
      case 'end':
        sessions.delete(message.scope);
        for (const [fn, { scope }] of functions) if (scope === message.scope) functions.delete(fn);
        break;
      default:
        message satisfies never;
    }
  });
  channel.send(bare({ type: 'ready', protocol: PROTOCOL, node: process.version }));
  channel.flush();

  return () => {
    running?.flush(false);
    if (options.marks) {
      const started = (place[1] ?? 0) + 1;
      channel.send(bare({ type: 'mark', unit: place[0] ?? 0, upTo: started }));
      marking?.told(started);
    }
    channel.flush();
  };
}

/** The writer, saying as well how far tasks may have started. */
class MarkingSink implements Sink {
  readonly #writer: OutcomeWriter;
  readonly #unit: number;
  readonly #channel: WorkerChannel;
  #known: number;

  constructor(writer: OutcomeWriter, { unit, from, window }: RunMessage, channel: WorkerChannel) {
    this.#writer = writer;
    this.#unit = unit;
    this.#channel = channel;
    this.#known = from + window;
  }

  done(index: number, value: unknown): void {
    this.#writer.done(index, value);
  }

  failed(index: number, error: unknown): void {
    this.#writer.failed(index, error);
  }

  none(index: number, why: 'skipped' | 'cancelled'): void {
    this.#writer.none(index, why);
  }

  stretch(): void {
    this.#writer.stretch();
  }

  /** The mark must be with the caller even if the next call ends the process. */
  starting(_index: number, ahead: number): boolean {
    if (ahead > this.#known) {
      this.#known = ahead;
      this.#channel.send(bare({ type: 'mark', unit: this.#unit, upTo: ahead }));
    }
    return this.#channel.flush();
  }

  /** The caller was told that nothing from `index` on has started. */
  told(index: number): void {
    this.#known = index;
  }
}

type MakeCall = (index: number) => unknown;

/** Calls whose arguments are all numbers. */
function numberCall(
  packet: Packet<RunMessage>,
  args: ArgsRef & { kind: 'few' | 'numbers' },
  built: readonly Rebuilt[],
): MakeCall {
  const numbers = args.kind === 'few' ? args.numbers : readNumbers(packet, args.part);
  const { which } = packet.message;
  const { arity } = args;
  const [only] = built as [Rebuilt];
  if (which !== undefined)
    return (index) => (built[which[index] as number] as Rebuilt)(...numbers.slice(index * arity, (index + 1) * arity));
  if (arity === 1) return (index) => only(numbers[index]);
  if (arity === 2) return (index) => only(numbers[2 * index], numbers[2 * index + 1]);
  return (index) => only(...numbers.slice(index * arity, (index + 1) * arity));
}

/** Calls with any arguments; a promise while packages that the arguments need are loaded. */
function valueCall(
  packet: Packet<RunMessage>,
  args: ArgsRef & { kind: 'values' },
  built: readonly Rebuilt[],
  session: Session,
): MakeCall | Promise<MakeCall> {
  const frame = readFrame(packet, args.frame);
  const decode = (): MakeCall => listCall(session.decode(frame) as unknown[][], packet.message.which, built);
  return frame.modules.length > 0 ? session.load(frame.modules).then(decode) : decode();
}

function listCall(
  lists: readonly unknown[][],
  which: readonly number[] | undefined,
  built: readonly Rebuilt[],
): MakeCall {
  const [only] = built as [Rebuilt];
  if (which === undefined) return (index) => only(...(lists[index] as unknown[]));
  return (index) => (built[which[index] as number] as Rebuilt)(...(lists[index] as unknown[]));
}
