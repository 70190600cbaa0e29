import { OptionError } from '../../errors.ts';
import { AttachedProvider } from './attached-provider.ts';
import { childWorker } from './child-worker.ts';
import { CommandEngine } from './command-engine.ts';
import { JobProvider } from './job-provider.ts';
import type { WorkerProvider } from './provider.ts';
import { runCommand } from './run-command.ts';
import { sizeOf, type WorkerCount } from './size.ts';
import { Template } from './template.ts';

/** Commands as lists of words, which no shell sees. In each word `{worker}` stands for the worker's name, and `{host}` for its host. */
export interface CommandOptions extends WorkerCount {
  /** For messages: `kubectl`; the program of `start` where it is left out. */
  readonly name?: string;
  /** Starts a worker. Without `status` it lives as long as the worker does, and what it runs ends with its standard input. */
  readonly start: readonly string[];
  /**
   * What `start` reads, with `{worker}`, `{host}` and `{orders}`: the worker's orders in base64, which are secret, and
   * may be nowhere else. Left out: one line of JSON, as `jobloom dial` reads it.
   */
  readonly input?: string;
  /** Ends a worker for good. */
  readonly stop?: readonly string[];
  /** Says what became of a worker: with it, `start` only submits one. */
  readonly status?: readonly string[];
  /** What `status` prints of a worker that has not ended; /pending|starting|queued/i and /running/i where it is left out. */
  readonly states?: { readonly starting: RegExp; readonly running: RegExp };
  /** Prints what a worker wrote last, for the message when it ends. */
  readonly logs?: readonly string[];
  /** Hosts in the place of `{host}`, the one with the fewest workers first. As many workers as there are, where `workers` is left out. */
  readonly hosts?: readonly string[];
  /** Milliseconds between two calls of `status` for each worker; 5,000 where it is left out. */
  readonly pollMs?: number;
}

const POLL_MS = 5_000;
/** Until the first worker: what is submitted may have to wait for room. */
const WAIT_MS = { attached: 30_000, submitted: 120_000 };

/**
 * Workers that a command starts elsewhere: ssh, kubectl, nomad and their like. They dial this host (`advertise`).
 *
 * @example
 * command({ start: ['ssh', '{host}', 'npx', 'jobloom', 'dial'], hosts: ['host-a', 'host-b'] })
 * @throws OptionError
 */
export function command(options: CommandOptions): WorkerProvider {
  const { start, input, stop, status, logs, states, hosts, pollMs = POLL_MS, workers = hosts?.length } = options;
  const size = sizeOf('command', { ...options, ...(workers !== undefined && { workers }) });
  if (!Array.isArray(start) || start.length === 0)
    throw new OptionError(`The start option of command must be a list of words. Got ${JSON.stringify(start)}.`);
  for (const [name, words] of Object.entries({ start, stop, status, logs }))
    if (words?.some((word) => word.includes('{orders}')))
      throw new OptionError(
        `The ${name} option of command must not have {orders}: they hold a token, and everybody sees arguments. Put them into input.`,
      );
  const { name = start[0] as string } = options;
  const template = new Template(hosts);
  if (status !== undefined) {
    if (stop === undefined)
      throw new OptionError('The status option of command needs the option stop: what is submitted must end, too.');
    const engine = new CommandEngine({ start, input, stop, status, logs, states, template });
    return new JobProvider({ name, ...size, engine, pollMs, waitMs: WAIT_MS.submitted });
  }
  return new AttachedProvider({
    name,
    ...size,
    remote: true,
    waitMs: WAIT_MS.attached,
    async open(orders) {
      const { worker } = orders;
      const child = await childWorker(template.words(start, worker), template.input(input, orders));
      const end = async (): Promise<void> => {
        if (stop !== undefined) await runCommand(template.words(stop, worker));
        template.forget(worker);
      };
      return { ...child, kill: () => child.kill().finally(end) };
    },
  });
}
