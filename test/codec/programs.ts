import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Fingerprint } from '@jobloom/codec';

const run = promisify(execFile);
const PRINTER = fileURLToPath(new URL('./fixtures/fingerprints.mjs', import.meta.url));

/** Files of a small program, by path. The function is the default export of `main.mjs`, or of what `main` says. */
export type Program = Readonly<Record<string, string>>;

/** A scratch folder in which programs are written down and their fingerprints taken, each in a process of its own. */
export class Programs {
  readonly #folder: string;
  #count = 0;

  constructor() {
    this.#folder = mkdtempSync(join(dirname(PRINTER), '../.scratch-'));
  }

  /** Where the next program goes. */
  write(program: Program): string {
    this.#count += 1;
    const folder = join(this.#folder, `v${this.#count}`);
    for (const [file, text] of Object.entries(program)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  /** Fingerprints of programs, all taken in one new process. */
  async fingerprints(programs: readonly Program[], flags: readonly string[] = []): Promise<Fingerprint[]> {
    const mains = programs.map((program) => {
      const main = Object.keys(program).find((file) => /(?:^|\/)main\.\w+$/.test(file)) as string;
      return pathToFileURL(join(this.write(program), main)).href;
    });
    const { stdout } = await run(process.execPath, [...flags, PRINTER, ...mains]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Fingerprint);
  }

  /** Fingerprint of a program, taken in a new process. */
  async fingerprint(program: Program, flags: readonly string[] = []): Promise<Fingerprint> {
    return (await this.fingerprints([program], flags))[0] as Fingerprint;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
