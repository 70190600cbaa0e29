import { Session, addCode } from '@jobloom/codec';
import { type HostMessage, type Packet, PROTOCOL, type RunMessage, readFrame, readNumbers, type WorkerMessage } from '../pool/messages.ts';
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

interface Scope {
  readonly session: Session;
  readonly functions: Map<number, { readonly packet: Packet<HostMessage>; readonly stateful: boolean; built?: Rebuilt }>;
}

/** Serves one caller for the rest of the worker's life. Returns what must run when the worker is about to exit. */
export function serve(channel: WorkerChannel, options: ServeOptions): () => void {
  const scopes = new Map<number, Scope>();
  const cancelled = new Set<number>();
  const queue: Packet<RunMessage>[] = [];
  let running: OutcomeWriter | undefined;
  let working = false;
  const { place } = options;

  const scopeOf = (id: number): Scope => {
    let scope = scopes.get(id);
    if (scope === undefined) {
      scope = { session: new Session({ functions: true, sharedMemory: options.sharedMemory }), functions: new Map() };
      scopes.set(id, scope);
    }
    return scope;
  };

  const build = async (scope: Scope, fn: number): Promise<Rebuilt> => {
    const entry = scope.functions.get(fn);
    if (entry === undefined) throw new TypeError(`function ${fn} was never sent to this worker`);
    if (entry.built !== undefined) return entry.built;
    const frame = readFrame(entry.packet, (entry.packet.message as HostMessage & { type: 'define' }).frame);
    if (frame.modules.length > 0) await scope.session.load(frame.modules);
    if (entry.stateful) return (...args) => (scope.session.decode(frame) as Rebuilt)(...args);
    entry.built = scope.session.decode(frame) as Rebuilt;
    return entry.built;
  };

  const run = async (packet: Packet<RunMessage>): Promise<void> => {
    const { message } = packet;
    const { unit, from, to } = message;
    const scope = scopeOf(message.scope);
    const writer = new OutcomeWriter(message, scope.session, channel.send);
    running = writer;
    place[1] = from;
    place[0] = unit;
    try {
      const call = await callOf(packet, scope, build);
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
        scopeOf(message.scope).functions.set(message.fn, { packet, stateful: message.stateful });
        break;
      case 'run':
        queue.push(packet as Packet<RunMessage>);
        if (!working) void work();
        break;
      case 'cancel':
        cancelled.add(message.unit);
        break;
      case 'end':
        scopes.delete(message.scope);
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

/** How to make one call of a unit. */
async function callOf(
  packet: Packet<RunMessage>,
  scope: Scope,
  build: (scope: Scope, fn: number) => Promise<Rebuilt>,
): Promise<(index: number) => unknown> {
  const { args, fns, which } = packet.message;
  const built: Rebuilt[] = [];
  for (const fn of fns) built.push(scope.functions.get(fn)?.built ?? (await build(scope, fn)));
  const [only] = built as [Rebuilt];
  if (args.kind === 'numbers') {
    const numbers = readNumbers(packet, args.part);
    const { arity } = args;
    if (arity === 1 && which === undefined) return (index) => only(numbers[index]);
    return (index) => {
      const start = index * arity;
      const fn = which === undefined ? only : (built[which[index] as number] as Rebuilt);
      return fn(...numbers.subarray(start, start + arity));
    };
  }
  const frame = readFrame(packet, args.frame);
  if (frame.modules.length > 0) await scope.session.load(frame.modules);
  const lists = scope.session.decode(frame) as unknown[][];
  if (which === undefined) return (index) => only(...(lists[index] as unknown[]));
  return (index) => (built[which[index] as number] as Rebuilt)(...(lists[index] as unknown[]));
}
