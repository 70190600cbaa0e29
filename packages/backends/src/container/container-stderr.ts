import { REPORT, type Report } from './places.ts';

const KEPT_LINES = 20;
const LONGEST_LINE = 2000;

/** Standard error of a container: what its supervisor tells, and what tasks print, of which the last lines are kept. */
export class ContainerStderr {
  /** How the worker ended, once that was told. */
  exit: (Report & { type: 'exit' }) | undefined;
  readonly #lines: string[] = [];
  readonly #print: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  get lastLines(): readonly string[] {
    return this.#lines;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) this.#line(line);
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #line(line: string): void {
    const at = line.indexOf(REPORT);
    const report = at < 0 ? undefined : readReport(line.slice(at + REPORT.length));
    const printed = report === undefined ? line : line.slice(0, at);
    if (report?.type === 'exit') this.exit = report;
    if (report !== undefined && printed === '') return;
    this.#print(`${printed}\n`);
    if (this.#lines.push(printed.slice(0, LONGEST_LINE)) > KEPT_LINES) this.#lines.shift();
  }
}

function readReport(text: string): Report | undefined {
  try {
    const report = JSON.parse(text) as Report;
    return report.type === 'exit' || report.type === 'alive' ? report : undefined;
  } catch {
    return undefined; // a task printed something like it
  }
}
