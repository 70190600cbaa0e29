import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { type Frame, Session } from '@jobloom/codec';

const FIXTURE = new URL('./fixtures/peer.mjs', import.meta.url);

interface Answer {
  readonly call: number;
  readonly failed?: true;
  readonly frame: Frame;
}

/** Another thread or process that rebuilds what it is sent. */
export interface Peer extends AsyncDisposable {
  /** Calls the function there and brings the result back; throws what it threw. */
  call<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  /** A value there and back. */
  trip<T>(value: T): Promise<T>;
  /** The same with a session that lives for several calls. */
  withSession(session: Session): Pick<Peer, 'call' | 'trip'>;
}

interface Channel {
  send(message: object): void;
  onAnswer(listener: (answer: Answer) => void): void;
  close(): Promise<unknown>;
}

function threadChannel(): Channel {
  const worker = new Worker(FIXTURE);
  return {
    send: (message) => worker.postMessage(message),
    onAnswer: (listener) => worker.on('message', listener),
    close: () => worker.terminate(),
  };
}

function processChannel(): Channel {
  const child = fork(FIXTURE, { serialization: 'advanced' });
  return {
    send: (message) => child.send(message as never),
    onAnswer: (listener) => child.on('message', (answer) => listener(answer as Answer)),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill();
      }),
  };
}

let lastSession = 0;

function peerOver(channel: Channel, sharedMemory: boolean): Peer {
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastCall = 0;
  channel.onAnswer((answer) => {
    waiting.get(answer.call)?.(answer);
    waiting.delete(answer.call);
  });
  const withSession = (session: Session): Pick<Peer, 'call' | 'trip'> => {
    const id = ++lastSession;
    const send = async (frames: readonly Frame[]): Promise<unknown> => {
      const call = ++lastCall;
      const hashes = new Set(frames.flatMap(({ codes }) => codes));
      const answered = new Promise<Answer>((resolve) => waiting.set(call, resolve));
      channel.send({ session: id, call, frames, codes: [...hashes].map((hash) => [hash, session.code(hash)]) });
      const { failed, frame } = await answered;
      await session.load(frame.modules);
      if (failed) throw session.decodeFailure(frame);
      return session.decode(frame);
    };
    return {
      call: async (fn, ...args) =>
        (await send([session.encode(fn, ['task']), session.encode(args, ['arguments'])])) as never,
      trip: async (value) => (await send([session.encode(value)])) as never,
    };
  };
  return {
    withSession,
    call: (fn, ...args) => withSession(new Session({ sharedMemory })).call(fn, ...args),
    trip: (value) => withSession(new Session({ sharedMemory })).trip(value),
    [Symbol.asyncDispose]: async () => {
      await channel.close();
    },
  };
}

/** A peer of each kind. */
export const PEERS: readonly (readonly [name: 'thread' | 'process', open: () => Peer])[] = [
  ['thread', () => peerOver(threadChannel(), true)],
  ['process', () => peerOver(processChannel(), false)],
];
