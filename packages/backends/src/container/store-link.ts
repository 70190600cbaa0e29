import { randomBytes } from 'node:crypto';
import { BackendUnusableError, type WorkerExit } from '../errors.ts';
import type { LinkEvents, WorkerLink } from '../pool/link.ts';
import {
  bare,
  type HostMessage,
  type Packet,
  PROTOCOL,
  type RunMessage,
  type WorkerMessage,
} from '../pool/messages.ts';
import { PacketReader, packetToBytes } from '../pool/wire.ts';
import { threadLimits } from '../processes/thread-limits.ts';
import { COMMAND } from './container-body.ts';
import { ContainerError } from './container-error.ts';
import type { ContainerOptions } from './container-options.ts';
import type { ContainerExecutor, ContainerExit } from './executor.ts';
import type { Answer, JobFiles } from './job-files.ts';
import { memoryError } from './memory-error.ts';
import { VARIABLES } from './places.ts';
import { misfit } from './start-errors.ts';

const LOG_LINES = 20;

/** A worker that is one job: it gets one batch, by files, and its answer comes as one. */
export class StoreLink implements WorkerLink {
  readonly name: string;
  readonly slots?: number;
  readonly #executor: ContainerExecutor;
  readonly #files: JobFiles;
  readonly #options: ContainerOptions;
  readonly #token: string = randomBytes(8).toString('hex');
  #packets: Uint8Array[] = [];
  #events: LinkEvents | undefined;
  #job: string | undefined;
  #phase: 'waiting' | 'storing' | 'running' | 'over' = 'waiting';
  #stopped = false;

  constructor(id: number, executor: ContainerExecutor, files: JobFiles, options: ContainerOptions) {
    this.name = `container-${id}`;
    this.#executor = executor;
    this.#files = files;
    this.#options = options;
    if (options.cpus !== undefined) this.slots = Math.max(1, Math.floor(options.cpus));
  }

  start(events: LinkEvents): void {
    this.#events = events;
    queueMicrotask(() => events.packet(bare({ type: 'ready', protocol: PROTOCOL, node: '' }))); // the job starts when there is work for it
  }

  send(packet: Packet<HostMessage>): void {
    const { message } = packet;
    if (this.#phase !== 'waiting') {
      if (message.type === 'cancel' && message.position === undefined) this.stop(); // a job cannot be told anything
      return;
    }
    this.#packets.push(...packetToBytes(packet).map((bytes) => new Uint8Array(bytes))); // the caller may change what it sent
    if (message.type === 'run') void this.#run(message);
  }

  hold(): void {
    // waiting for a job keeps the program alive; a link that waits for work holds nothing
  }

  stop(): void {
    this.#stopped = true;
    if (this.#phase === 'waiting' || this.#phase === 'over') this.#exit({ code: 0, signal: null });
    if (this.#phase === 'running' && this.#job !== undefined) this.#files.later(this.#executor.cancel(this.#job));
  }

  async #run(run: RunMessage): Promise<void> {
    this.#phase = 'storing';
    try {
      const ticket = await this.#files.put(this.#token, this.#packets);
      this.#packets = [];
      if (this.#stopped) return this.#neverStarted();
      this.#job = await this.#submit(JSON.stringify(ticket));
      this.#phase = 'running';
      if (this.#stopped) this.#files.later(this.#executor.cancel(this.#job));
      const exit = await this.#executor.wait(this.#job);
      const answer = this.#stopped ? undefined : await this.#files.take(this.#token);
      if (answer === undefined) await this.#withoutAnswer(run, this.#job, exit);
      else this.#answered(run, answer);
    } catch (error) {
      this.#failed(run, error);
    } finally {
      this.#files.drop(this.#token);
      if (this.#job !== undefined) this.#files.later(this.#executor.cancel(this.#job));
    }
  }

  /** What was not handed over never started; of what was, nobody knows. */
  #failed(run: RunMessage, error: unknown): void {
    const exit = { code: null, signal: null };
    const gone = error instanceof BackendUnusableError;
    if (this.#phase === 'running') return this.#unknown(run, { ...exit, error: gone ? error.cause : error });
    const message = `the job could not be handed over: ${(error as Error).message}`;
    this.#exit({ ...exit, error: gone ? error : new BackendUnusableError(message, { cause: error }) });
  }

  #submit(ticket: string): Promise<string> {
    const { command = COMMAND, heapMb, innerMaxThreads } = this.#options;
    const env = {
      ...(this.#options.executor !== undefined && this.#options.env),
      ...(innerMaxThreads !== undefined && threadLimits(innerMaxThreads)),
      ...(heapMb !== undefined && { [VARIABLES.heapMb]: `${heapMb}` }),
      [VARIABLES.job]: ticket,
    };
    const folders = this.#files.folder === undefined ? [] : [this.#files.folder];
    return this.#executor.submit({ token: this.#token, command, env, folders });
  }

  #answered(run: RunMessage, { head, bytes }: Answer): void {
    let complete = false;
    const reader = new PacketReader((packet: Packet<WorkerMessage>) => {
      const { message } = packet;
      if (message.type === 'outcomes' && message.unit === run.unit && message.end) complete = true;
      if (message.type !== 'ready') this.#events?.packet(packet);
    });
    this.#phase = 'over';
    for (const part of bytes) reader.push(part);
    if (complete) return; // the pool lets it go
    const { code = null, signal = null } = head.exit ?? {};
    const error = head.memory && memoryError(head.memory, { container: this.#job ?? '', lastLines: [] });
    this.#exit({ code, signal, ...(error && { error }) });
  }

  /** The job ended, or was ended, and nobody knows how far it came. */
  async #withoutAnswer(run: RunMessage, job: string, exit: ContainerExit): Promise<void> {
    const lastLines = this.#stopped ? [] : await this.#executor.logs(job, LOG_LINES).catch(() => []);
    const unfit = exit.code === 1 ? misfit(this.#options.image ?? this.#executor.name, lastLines) : undefined;
    const reason = exit.signal === null ? 'exited' : 'killed';
    const how = exit.error?.message ?? 'it left no answer';
    const details = { container: job, lastLines, cause: exit.error };
    const why = exit.error instanceof ContainerError ? exit.error.reason : reason;
    this.#unknown(run, { ...exit, error: unfit ?? new ContainerError(why, how, details) });
  }

  /** Any of its tasks may have run. */
  #unknown(run: RunMessage, exit: WorkerExit): void {
    this.#events?.packet(bare({ type: 'mark', unit: run.unit, upTo: run.to }));
    this.#exit(exit);
  }

  #neverStarted(): void {
    this.#events?.packet(bare({ type: 'mark', unit: 0, upTo: 0 }));
    this.#exit({ code: null, signal: 'SIGKILL' });
  }

  #exit(exit: WorkerExit): void {
    this.#phase = 'over';
    this.#events?.exit(exit);
    this.#events = undefined;
  }
}
