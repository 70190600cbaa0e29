import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bytesInMemory, expectFolder, newFolderName, removeFolder } from '../bulk/folder.ts';
import type { WorkerExit } from '../errors.ts';
import type { PoolBackendOptions } from '../pool/backend.ts';
import { bringToLife, type Life } from '../pool/engine.ts';
import type { LinkEvents, WorkerLink } from '../pool/link.ts';
import type { HostMessage, Packet, WorkerMessage } from '../pool/messages.ts';
import { type Doorway, openDoorway } from './doorway.ts';
import { hugePages } from './huge-pages.ts';
import { ownPages } from './own-pages.ts';
import { SocketChannel } from './socket-channel.ts';
import { threadLimits } from './thread-limits.ts';

const SCRIPT = fileURLToPath(import.meta.resolve('@jobloom/backends/processes/entry'));

/** A worker process. Its channel is a local socket that it connects back to, with a key that only it was told. */
export class ProcessLink implements WorkerLink {
  readonly name: string;
  readonly #execArgv: string[];
  readonly #env: NodeJS.ProcessEnv;
  /** Where the worker puts large results. */
  readonly #folder: string = newFolderName();
  #events: LinkEvents | undefined;
  #channel: SocketChannel<HostMessage, WorkerMessage> | undefined;
  #doorway: Doorway | undefined;
  #life: Life | undefined;
  #exit: WorkerExit | undefined;
  #held = false;

  constructor(id: number, { heapMb, innerMaxThreads }: PoolBackendOptions = {}) {
    this.name = `processes-${id}`;
    const limits = innerMaxThreads === undefined ? {} : threadLimits(innerMaxThreads);
    this.#env = { ...process.env, ...hugePages(), ...limits };
    this.#execArgv = heapMb === undefined ? [] : [`--max-old-space-size=${Math.ceil(heapMb)}`];
  }

  start(events: LinkEvents): void {
    this.#events = events;
    try {
      this.#doorway = openDoorway(
        (socket, rest) => this.#welcome(socket, rest),
        () => this.stop(),
      );
    } catch (error) {
      queueMicrotask(() => events.exit({ code: null, signal: null, error }));
      return;
    }
    expectFolder(this.#folder);
    const { path, key } = this.#doorway;
    const serveArgs = [{ path, key: key.toString('hex'), parent: process.pid, folder: this.#folder }];
    this.#life = bringToLife(
      {
        script: SCRIPT,
        workerType: 'process',
        forkOpts: { execArgv: this.#execArgv, env: this.#env },
      },
      serveArgs,
      [],
      (exit) => {
        this.#exit = exit;
        this.#doorway?.close();
        if (this.#channel === undefined || this.#channel.socket.destroyed) this.#ended();
      },
    );
  }

  send(packet: Packet<HostMessage>): void {
    this.#channel?.send(packet);
  }

  hold(held: boolean): void {
    this.#held = held;
    const child = this.#life?.worker as ChildProcess | undefined;
    for (const handle of [child, child?.channel, this.#channel?.socket]) {
      if (held) handle?.ref();
      else handle?.unref();
    }
  }

  stop(): void {
    this.#life?.stop();
  }

  memory(): number | undefined {
    const own = ownPages((this.#life?.worker as ChildProcess | undefined)?.pid);
    return own === undefined ? undefined : own + bytesInMemory(this.#folder);
  }

  clean(): void {
    removeFolder(this.#folder);
  }

  #welcome(socket: Socket, rest: Buffer): void {
    const channel = new SocketChannel<HostMessage, WorkerMessage>(socket, (packet) => this.#events?.packet(packet));
    this.#channel = channel;
    socket.once('close', () => {
      if (this.#exit === undefined)
        this.stop(); // without its channel the worker is of no use; its end follows
      else this.#ended();
    });
    if (rest.length > 0) socket.unshift(rest);
    socket.resume();
    this.hold(this.#held);
  }

  /** The process is gone and everything that it sent has been read. */
  #ended(): void {
    const exit = this.#exit;
    if (exit === undefined || this.#events === undefined) return;
    this.#events.exit(exit);
    this.#events = undefined;
  }
}
