import type { WorkerExit } from '../errors.ts';
import type { LinkEvents, WorkerLink } from '../pool/link.ts';
import { type HostMessage, type Packet, PROTOCOL, type WorkerMessage } from '../pool/messages.ts';
import { SocketChannel } from '../processes/socket-channel.ts';
import { threadLimits } from '../processes/thread-limits.ts';
import { COMMAND } from './container-body.ts';
import { ContainerError } from './container-error.ts';
import type { ContainerOptions } from './container-options.ts';
import { ContainerStderr } from './container-stderr.ts';
import type { AttachedContainer, DockerExecutor } from './docker-executor.ts';
import { memoryError } from './memory-error.ts';
import { PREAMBLE, VARIABLES } from './places.ts';
import { misfit, otherVersion } from './start-errors.ts';
import { splitStreams } from './stdio-frames.ts';

const SILENCE_MS = 20_000;
/** A container that was killed and whose streams stay open: the engine has forgotten them. */
const CLOSE_MS = 5_000;

/** A worker in a container. Its channel is the container's standard streams. */
export class ContainerLink implements WorkerLink {
  readonly name: string;
  readonly slots?: number;
  readonly #executor: DockerExecutor;
  readonly #options: ContainerOptions;
  readonly #stderr = new ContainerStderr((text) => process.stderr.write(text));
  #events: LinkEvents | undefined;
  #container: AttachedContainer | undefined;
  #channel: SocketChannel<HostMessage, WorkerMessage> | undefined;
  #held = true;
  #heard = performance.now();
  #ready = false;
  #watch: NodeJS.Timeout | undefined;
  /** Why it was ended from here. */
  #ended: { readonly error?: Error } | undefined;

  constructor(id: number, executor: DockerExecutor, options: ContainerOptions) {
    this.name = `container-${id}`;
    this.#executor = executor;
    this.#options = options;
    if (options.cpus !== undefined) this.slots = Math.max(1, Math.floor(options.cpus));
  }

  start(events: LinkEvents): void {
    this.#events = events;
    const { command = COMMAND, heapMb, innerMaxThreads } = this.#options;
    const env = {
      ...(innerMaxThreads !== undefined && threadLimits(innerMaxThreads)),
      ...(heapMb !== undefined && { [VARIABLES.heapMb]: `${heapMb}` }),
    };
    this.#executor.attach(command, env).then(
      (container) => this.#attached(container),
      (error: unknown) => this.#exit({ code: null, signal: null, error }),
    );
  }

  send(packet: Packet<HostMessage>): void {
    this.#channel?.send(packet);
  }

  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#container?.socket.ref();
    else this.#container?.socket.unref();
  }

  stop(): void {
    this.#end();
  }

  #attached(container: AttachedContainer): void {
    this.#container = container;
    const { socket } = container;
    if (this.#ended !== undefined) this.#kill(container);
    socket.write(PREAMBLE);
    this.#channel = new SocketChannel<HostMessage, WorkerMessage>(socket, (packet) => this.#packet(packet), {
      unwrap: (read) => {
        const split = splitStreams(read, (chunk) => this.#stderr.push(chunk));
        return (chunk) => {
          this.#heard = performance.now();
          split(chunk);
        };
      },
    });
    socket.once('end', () => socket.destroy()); // the container has ended, or the engine has
    socket.once('close', () => void this.#closed(container));
    this.hold(this.#held);
    const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
    this.#watch = setInterval(() => this.#listen(silenceMs), silenceMs / 4).unref();
  }

  #packet(packet: Packet<WorkerMessage>): void {
    const { message } = packet;
    if (message.type === 'ready') {
      if (message.protocol !== PROTOCOL)
        return this.#end(otherVersion(this.#executor.image, message.protocol, PROTOCOL));
      this.#ready = true;
    }
    this.#events?.packet(packet);
  }

  /** Silence counts only once what has come was read. */
  #listen(silenceMs: number): void {
    if (performance.now() - this.#heard < silenceMs) return;
    setImmediate(() => {
      if (performance.now() - this.#heard < silenceMs) return;
      const message = `the container gave no sign of life for ${silenceMs} ms: it is stopped, or at its memory limit`;
      this.#end(new ContainerError('unresponsive', message, this.#details()));
    });
  }

  #end(error?: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error === undefined ? {} : { error };
    if (this.#container !== undefined) this.#kill(this.#container);
  }

  #kill(container: AttachedContainer): void {
    void container.kill();
    setTimeout(() => container.socket.destroy(), CLOSE_MS).unref();
  }

  async #closed(container: AttachedContainer): Promise<void> {
    this.#stderr.end();
    const exit = await this.#howItEnded(container);
    container.forget();
    this.#exit(exit);
  }

  async #howItEnded(container: AttachedContainer): Promise<WorkerExit> {
    if (this.#ended !== undefined) return { code: null, signal: 'SIGKILL', ...this.#ended };
    const { exit, lastLines } = this.#stderr;
    if (exit !== undefined) {
      const { code, signal, memory } = exit;
      return { code, signal, ...(memory && { error: memoryError(memory, this.#details()) }) };
    }
    const unfit = this.#ready ? undefined : misfit(this.#executor.image, lastLines);
    if (unfit !== undefined) return { code: 1, signal: null, error: unfit };
    const state = await container.state();
    const error =
      state === 'ended'
        ? new ContainerError('killed', 'the container was ended from outside', this.#details())
        : new ContainerError('engine-gone', 'the connection to the container engine broke', this.#details());
    if (state === 'running') void container.kill();
    return { code: null, signal: 'SIGKILL', error };
  }

  #details() {
    return { container: this.#container?.name ?? this.name, lastLines: [...this.#stderr.lastLines] };
  }

  #exit(exit: WorkerExit): void {
    clearInterval(this.#watch);
    this.#events?.exit(exit);
    this.#events = undefined;
  }
}
