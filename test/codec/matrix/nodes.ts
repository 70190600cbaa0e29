import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/jobloom-nodes/', import.meta.url));
const MAJORS = [20, 22, 24, 26] as const;

/** A Node to run the cases with, or why there is none. */
export interface NodeBinary {
  readonly major: number;
  readonly path?: string;
  readonly version?: string;
  readonly missing?: string;
}

/**
 * A Node of each major: this very one, those that `JOBLOOM_NODES` names (`24=/path/bin/node,26=…`), the others as
 * npm brings them, installed once below node_modules.
 */
export async function findNodes(majors: readonly number[] = MAJORS): Promise<readonly NodeBinary[]> {
  const named = namedNodes();
  const found: NodeBinary[] = [];
  for (const major of majors) found.push(await findNode(major, named.get(major)));
  return found;
}

async function findNode(major: number, named: string | undefined): Promise<NodeBinary> {
  if (named === undefined && major === Number.parseInt(process.versions.node, 10))
    return { major, path: process.execPath, version: process.version };
  try {
    const path = named ?? (await installed(major));
    const { stdout } = await run(path, ['--version']);
    const version = stdout.trim();
    if (!version.startsWith(`v${major}.`)) throw new Error(`${path} is Node ${version}`);
    return { major, path, version };
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    return { major, missing: (stderr || message).trim().split('\n')[0] as string };
  }
}

function namedNodes(): ReadonlyMap<number, string> {
  const pairs = (process.env.JOBLOOM_NODES ?? '').split(',').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [major = '', path = ''] = pair.split('=');
      if (!/^\d+$/.test(major) || path === '')
        throw new Error(`JOBLOOM_NODES must be like 24=/path/to/node,26=/path/to/node. Got ${pair}`);
      return [Number(major), path];
    }),
  );
}

/** Path of the Node that npm brings; installed under a lock, complete or not at all. */
async function installed(major: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(CACHE, String(major));
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const unlock = await lock(join(CACHE, `${major}.lock`));
  try {
    if (existsSync(path)) return path;
    const making = join(CACHE, `${major}.${process.pid}`);
    mkdirSync(making, { recursive: true });
    try {
      const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
      await run('npm', ['install', '--prefix', making, ...options, `${name}@${major}`]);
      rmSync(folder, { recursive: true, force: true });
      renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
    return path;
  } finally {
    unlock();
  }
}

/** A file that only one process can make; one whose maker is gone does not count. */
async function lock(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isAlive(owner(file))) rmSync(file, { force: true });
    else await sleep(200);
  }
}

function owner(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || process.pid; // empty while it is being written
  } catch {
    return process.pid;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
