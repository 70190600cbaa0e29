import type { JobEngine, JobState } from './job-provider.ts';
import type { Orders } from './provider.ts';
import { runCommand } from './run-command.ts';
import type { Template } from './template.ts';

export interface CommandEngineOptions {
  readonly start: readonly string[];
  readonly input: string | undefined;
  readonly stop: readonly string[];
  readonly status: readonly string[];
  readonly logs: readonly string[] | undefined;
  readonly states: { readonly starting: RegExp; readonly running: RegExp } | undefined;
  readonly template: Template;
}

const STATES = { starting: /pending|starting|queued/i, running: /running/i };
const LOG = 300;

/** Workers that commands submit, look at and end. A worker's name is its job's. */
export class CommandEngine implements JobEngine {
  readonly #options: CommandEngineOptions;

  constructor(options: CommandEngineOptions) {
    this.#options = options;
  }

  async submit(orders: readonly Orders[]): Promise<readonly string[]> {
    const { start, input, template } = this.#options;
    const submitted: string[] = [];
    try {
      for (const each of orders) {
        await runCommand(template.words(start, each.worker), template.input(input, each));
        submitted.push(each.worker);
      }
      return submitted;
    } catch (error) {
      await this.cancel(submitted).catch(() => undefined); // the first error says more
      throw error;
    }
  }

  async states(jobs: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    const { starting, running } = this.#options.states ?? STATES;
    const states = new Map<string, JobState>();
    for (const job of jobs) {
      const said = await this.#said(this.#options.status, job);
      if (running.test(said)) states.set(job, { state: 'running' });
      else if (starting.test(said)) states.set(job, { state: 'starting' });
    }
    return states;
  }

  async why(job: string): Promise<string> {
    const { status, logs } = this.#options;
    const said = (await this.#said(status, job).catch(() => '')).trim();
    const wrote = logs === undefined ? '' : (await this.#said(logs, job).catch(() => '')).trim().slice(-LOG);
    return `has ended${said && ` (${said})`}${wrote && `; it wrote last: ${wrote}`}`;
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    const { stop, template } = this.#options;
    await Promise.all(jobs.map((job) => runCommand(template.words(stop, job))));
  }

  forget(job: string): void {
    this.#options.template.forget(job);
  }

  #said(command: readonly string[], job: string): Promise<string> {
    return runCommand(this.#options.template.words(command, job));
  }
}
