import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import { ClosedError } from '../errors.ts';
import { containerBody } from './container-body.ts';
import { ContainerError } from './container-error.ts';
import { bytesOfOption, type ContainerResources } from './container-options.ts';
import { connectEngine, type Engine } from './engine.ts';
import type { ContainerExecutor, ContainerExit, ContainerJob } from './executor.ts';
import { isOrphan, LABEL, labelsOf } from './owner.ts';
import { isEngineGone, startError } from './start-errors.ts';
import { splitStreams } from './stdio-frames.ts';

const RETRY_MS = 100;
/** Podman is busy with a container for a moment after it ended. */
const REMOVE_TRIES = 50;
const GONE = 404;
/** Codes above are those of programs that a signal ended. */
const SIGNALLED = 128;
const MOST_SIGNALS = 64;

export interface DockerExecutorOptions extends ContainerResources {
  /** Milliseconds to wait for an engine that is gone to come back; 10,000 where it is left out. */
  readonly engineWaitMs?: number;
}

/** A running container, by its standard streams. */
export interface AttachedContainer {
  readonly name: string;
  /** What is written here it reads; what it writes comes here, both streams in one. */
  readonly socket: Socket;
  /** Ends it at once. Never rejects. */
  kill(): Promise<void>;
  /** Whether the engine can be asked, and still has it. */
  state(): Promise<'running' | 'ended' | 'engine-gone'>;
  /** Nobody needs it any more: if it is found later, it goes. */
  forget(): void;
}

/** Containers of an engine that speaks Docker's API: Docker, Podman. It connects on first use, and removes what dead programs left there. */
export class DockerExecutor implements ContainerExecutor {
  readonly name = 'docker';
  /** On the labels of all its containers. */
  readonly run: string = randomBytes(8).toString('hex');
  readonly #options: DockerExecutorOptions;
  readonly #live = new Set<string>();
  #engine: Promise<Engine> | undefined;
  #seen = false;
  #closed = false;
  #last = 0;

  constructor(options: DockerExecutorOptions) {
    this.#options = options;
  }

  get image(): string {
    return this.#options.image ?? '';
  }

  async submit({ token, command, env, folders }: ContainerJob): Promise<string> {
    const name = this.#nameOf(token);
    const body = containerBody(this.#options, { command, env, folders, labels: labelsOf(this.run), attached: false });
    return this.#reaching(async ({ docker }) => {
      this.#live.add(name);
      const container = await docker.createContainer({ name, ...body }).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
        return docker.getContainer(name); // it was submitted before
      });
      await container.start().catch((error: unknown) => {
        if (has(error, 304)) return; // and started
        throw error;
      });
      return name;
    });
  }

  async wait(id: string): Promise<ContainerExit> {
    return this.#reaching(async ({ docker }) => {
      const container = docker.getContainer(id);
      try {
        await container.wait();
        return exitOf(await container.inspect());
      } catch (error) {
        if (!has(error, GONE)) throw error;
        const message = 'somebody removed the container';
        return { code: null, signal: 'SIGKILL', error: new ContainerError('killed', message, { container: id }) };
      }
    });
  }

  async logs(id: string, lines: number): Promise<readonly string[]> {
    return this.#reaching(async ({ docker }) => {
      const bytes = await docker.getContainer(id).logs({ stdout: true, stderr: true, tail: lines, follow: false });
      let text = '';
      const take = (chunk: Buffer): void => {
        text += chunk.toString();
      };
      splitStreams(take, take)(bytes);
      return text.split('\n').filter((line) => line !== '');
    });
  }

  async cancel(id: string): Promise<void> {
    await this.#reaching(({ docker }) => remove(docker.getContainer(id)));
    this.#live.delete(id);
  }

  async cancelAll(): Promise<void> {
    this.#closed = true;
    const engine = await this.#engine?.catch(() => undefined);
    if (engine === undefined) return;
    try {
      const ours = await engine.docker.listContainers({ all: true, filters: { label: [`${LABEL}.run=${this.run}`] } });
      await Promise.all(ours.map(({ Id }) => remove(engine.docker.getContainer(Id))));
    } catch (error) {
      if (!isEngineGone(error)) throw error; // they end with their streams, and are removed by who comes next
    }
  }

  async capacity(): Promise<number> {
    return this.#reaching(async ({ docker }) => {
      const { NCPU, MemTotal } = (await docker.info()) as { NCPU: number; MemTotal: number };
      const { cpus = 1, memory } = this.#options;
      const fit = memory === undefined ? Number.POSITIVE_INFINITY : MemTotal / bytesOfOption(memory);
      return Math.max(1, Math.floor(Math.min(NCPU / cpus, fit)));
    });
  }

  /** Starts a container whose streams are ours; it is gone when it ends. */
  async attach(command: readonly string[], env: Readonly<Record<string, string>>): Promise<AttachedContainer> {
    const body = containerBody(this.#options, {
      command,
      env,
      folders: [],
      labels: labelsOf(this.run),
      attached: true,
    });
    return this.#reaching(async ({ docker }) => {
      this.#last += 1;
      const name = this.#nameOf(`${this.#last}`);
      this.#live.add(name);
      let container: Container | undefined;
      try {
        container = await docker.createContainer({ name, ...body });
        const streams = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
        const socket = (await container.attach(streams)) as unknown as Socket;
        socket.on('error', () => undefined); // 'close' follows, and tells
        await container.start();
        return this.#attached(name, container, socket);
      } catch (error) {
        this.#live.delete(name);
        if (container !== undefined && !isEngineGone(error)) await remove(container).catch(() => undefined); // the first error says more
        throw error;
      }
    });
  }

  /** Removes containers whose programs are gone. Others' are left alone. */
  async #reap({ docker }: Engine): Promise<void> {
    const all = await docker.listContainers({ all: true, filters: { label: [`${LABEL}.run`] } });
    for (const { Id, Labels, Names } of all) {
      const ours = Labels[`${LABEL}.run`] === this.run && !Names.some((name) => this.#live.has(name.replace('/', '')));
      if (ours || isOrphan(Labels)) await remove(docker.getContainer(Id));
    }
  }

  #attached(name: string, container: Container, socket: Socket): AttachedContainer {
    return {
      name,
      socket,
      kill: () =>
        container.kill().then(
          () => undefined,
          (error: unknown) => {
            if (isEngineGone(error)) socket.destroy(); // it ends with its stream
          },
        ),
      state: async () => {
        try {
          const { State } = await container.inspect();
          return State.Running ? 'running' : 'ended';
        } catch (error) {
          return isEngineGone(error) ? 'engine-gone' : 'ended';
        }
      },
      forget: () => void this.#live.delete(name),
    };
  }

  #nameOf(token: string): string {
    return `${LABEL}-${this.run}-${token}`;
  }

  /** Does something with the engine; waits for one that was there before and is gone. @throws what the engine says, in words */
  async #reaching<T>(act: (engine: Engine) => Promise<T>): Promise<T> {
    const until = performance.now() + (this.#options.engineWaitMs ?? 10_000);
    for (;;) {
      if (this.#closed) throw new ClosedError('the container backend');
      try {
        return await act(await this.#connected());
      } catch (error) {
        const gone = isEngineGone(error) || (this.#seen && this.#engine === undefined);
        if (gone) this.#engine = undefined; // when it is back, what we had there may be in the way
        if (!gone || !this.#seen || performance.now() > until) throw startErrorOf(error, this.image);
        await sleep(RETRY_MS);
      }
    }
  }

  async #connected(): Promise<Engine> {
    if (this.#engine === undefined) {
      const engine = connectEngine(this.#options.engine);
      this.#engine = engine;
      engine.then(
        () => {
          this.#seen = true;
        },
        () => {
          if (this.#engine === engine) this.#engine = undefined;
        },
      );
      void this.#reap(await engine).catch(() => undefined); // whoever comes next tries again
    }
    return this.#engine as Promise<Engine>;
  }
}

function startErrorOf(error: unknown, image: string): unknown {
  const { statusCode } = error as { statusCode?: number };
  return statusCode !== undefined || isEngineGone(error) ? startError(error, image) : error;
}

function has(error: unknown, statusCode: number): boolean {
  return (error as { statusCode?: number }).statusCode === statusCode;
}

/** The name is another's already. Podman says so in a text. */
function isTaken(error: unknown): boolean {
  return has(error, 409) || /name is already in use/.test((error as Error).message);
}

function exitOf({ State, Id }: ContainerInspectInfo): ContainerExit {
  const { ExitCode, OOMKilled, Error: said } = State;
  const signal = ExitCode > SIGNALLED && ExitCode <= SIGNALLED + MOST_SIGNALS ? signalName(ExitCode - SIGNALLED) : null;
  const code = signal === null ? ExitCode : null;
  const details = { container: Id };
  if (OOMKilled) return { code, signal, error: new ContainerError('out-of-memory', 'out of memory', details) };
  return { code, signal, ...(said && { error: new ContainerError('exited', said, details) }) };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, each]) => each === number)?.[0] ?? `signal ${number}`;
}

async function remove(container: Container): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await container.remove({ force: true, v: true });
      return;
    } catch (error) {
      if (has(error, GONE)) return;
      if (isEngineGone(error) || tries === REMOVE_TRIES) throw error;
      await sleep(RETRY_MS);
    }
  }
}
