import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const PEER = fileURLToPath(new URL('./fixtures/version-peer.mjs', import.meta.url));
const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/jobloom-nodes/', import.meta.url));
const MAJORS = [20, 22, 24, 26];

interface Line {
  readonly name: string;
  readonly differs?: string;
  readonly threw?: string;
}

/** Programs by name: of JOBLOOM_NODES (`name=path,…`), else of the npm packages of each supported major. */
async function nodes(): Promise<Map<string, string>> {
  const given = process.env.JOBLOOM_NODES;
  if (given !== undefined) return new Map(given.split(',').map((each) => each.split('=') as [string, string]));
  const own = Number(process.versions.node.split('.')[0]);
  const found = new Map([[`node${own}`, process.execPath]]);
  for (const major of MAJORS) {
    if (major === own) continue;
    const program = await installed(major);
    if (program !== undefined) found.set(`node${major}`, program);
  }
  return found;
}

/** A Node of a major, installed where it is missing; undefined, with the reason printed, where that cannot be. */
async function installed(major: number): Promise<string | undefined> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(CACHE, String(major));
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  try {
    await run('npm', ['i', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${major}`], { timeout: 120_000 });
  } catch (error) {
    console.log(
      `Node ${major} is left out: npm cannot install ${name}@${major}: ${(error as Error).message.split('\n')[0]}`,
    );
    return undefined;
  }
  return existsSync(program) ? program : undefined;
}

let folder: string;
let programs: Map<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jobloom-frames-'));
  programs = await nodes();
  for (const [name, program] of programs) execFileSync(program, [PEER, 'write', join(folder, name)]);
}, 500_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a Node could not read as it was, of frames in a folder. */
async function misread(program: string, frames: string): Promise<{ read: number; wrong: Line[] }> {
  const { stdout } = await run(program, [PEER, 'read', frames]);
  const { node, lines } = JSON.parse(stdout) as { readonly node: string; readonly lines: readonly Line[] };
  const hasFloat16 = Number(node.slice(1).split('.')[0]) >= 24;
  for (const line of lines.filter(({ name }) => !hasFloat16 && name.startsWith('float16')))
    expect(line.threw).toContain(`Node ${node} has no Float16Array`);
  const due = lines.filter(({ name }) => hasFloat16 || !name.startsWith('float16'));
  return { read: due.length, wrong: due.filter(({ differs }) => differs !== '') };
}

test('each Node reads what each Node writes, unchanged', { timeout: 200_000 }, async () => {
  console.log(`frames of and for: ${[...programs.keys()].join(', ')}`);
  for (const writer of programs.keys()) {
    for (const [reader, program] of programs) {
      const { read, wrong } = await misread(program, join(folder, writer));
      expect({ writer, reader, wrong }).toEqual({ writer, reader, wrong: [] });
      expect(read).toBeGreaterThan(20);
    }
  }
});

test('each Node reads the frames of format 1 that are kept', { timeout: 100_000 }, async () => {
  const kept = readdirSync(join(GOLDEN, 'format-1')).filter((file) => file.endsWith('.frame'));
  expect(kept.length).toBe(22);
  for (const [reader, program] of programs) {
    const { wrong } = await misread(program, join(GOLDEN, 'format-1'));
    expect({ reader, wrong }).toEqual({ reader, wrong: [] });
  }
});
