import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory, type MemoryEvent, type MemoryOptions } from '@jobloom/memory';
import { afterAll, beforeEach } from 'vitest';

/** A folder for each test of a file, and what is in it. */
export interface Scratch {
  readonly folder: string;
  /** A Memory on the test's folder. */
  open(options?: MemoryOptions): Memory;
  /** Paths of the entries of functions. */
  entries(): string[];
}

export function scratchFolders(): Scratch {
  const base = mkdtempSync(join(tmpdir(), 'jobloom-memory-'));
  afterAll(() => rmSync(base, { recursive: true }));
  let folder = base;
  beforeEach(({ task }) => {
    folder = join(base, `${task.id}-${task.result?.retryCount ?? 0}`);
  });
  return {
    get folder() {
      return folder;
    },
    open: (options = {}) => new Memory({ location: folder, ...options }),
    entries: () => files(join(folder, 'entries', 'v1')),
  };
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.e'))
    .map((name) => join(folder, name));
}

/** Types of the events of a Memory, from now on; hits and computations left out. */
export function troubles(memory: Memory): string[] {
  const types: string[] = [];
  memory.onEvent(({ type }) => {
    if (type !== 'hit' && type !== 'computed') types.push(type);
  });
  return types;
}

export function eventsOf(memory: Memory): MemoryEvent[] {
  const events: MemoryEvent[] = [];
  memory.onEvent((event) => events.push(event));
  return events;
}

/** How often functions ran that note it in a file, a line each. */
export function runsIn(log: string): number {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
}
