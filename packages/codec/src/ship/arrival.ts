import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchive } from './archive.ts';
import { cacheFolder } from './cache-folder.ts';
import { install } from './install.ts';
import { directoryOf, isInstalled, type Placed } from './installed.ts';
import { layOut } from './layout.ts';
import { type PackageGraph, readGraph } from './package-graph.ts';
import { notePlace } from './places.ts';

/** Gets the bytes behind a hash from the sender. Rejects when they are not to be had. */
export type GetParcel = (hash: string) => Promise<Uint8Array>;

const arrivals = new Map<string, Promise<string>>();

/**
 * Folder of a package that goes along. It is taken from the folder for packages where it is there already, every file
 * of it checked; else the sender is asked. Once a process for each package.
 * @throws FrameError when what came is not what the hashes stand for
 */
export function arrive(id: string, get: GetParcel): Promise<string> {
  let arrival = arrivals.get(id);
  if (arrival === undefined) {
    arrival = bring(id, get);
    arrivals.set(id, arrival);
    arrival.catch(() => arrivals.delete(id)); // another sender may have it
  }
  return arrival;
}

/** Packages on their way into a place, which several others may depend on. */
const installing = new Map<string, Promise<void>>();

async function bring(id: string, get: GetParcel): Promise<string> {
  const cache = cacheFolder();
  const graph = await graphOf(cache, id, get);
  const placed = layOut(graph, process.cwd());
  await Promise.all(placed.map((each) => settle(cache, each, get)));
  for (const each of placed) notePlace(directoryOf(cache, each), each.id);
  return directoryOf(cache, placed[0] as Placed);
}

async function graphOf(cache: string, id: string, get: GetParcel): Promise<PackageGraph> {
  const file = join(cache, `${id}.json`);
  if (existsSync(file)) {
    try {
      return readGraph(readFileSync(file, 'utf8'), id);
    } catch {
      // damaged: the sender has it
    }
  }
  const text = new TextDecoder().decode(await get(id));
  const graph = readGraph(text, id);
  const partial = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, file);
  return graph;
}

function settle(cache: string, placed: Placed, get: GetParcel): Promise<void> {
  let settling = installing.get(placed.place);
  if (settling === undefined) {
    settling = settleNow(cache, placed, get);
    installing.set(placed.place, settling);
    settling.catch(() => installing.delete(placed.place));
  }
  return settling;
}

async function settleNow(cache: string, placed: Placed, get: GetParcel): Promise<void> {
  if (isInstalled(cache, placed)) return;
  install(cache, placed, readArchive(await get(placed.content), placed.content));
}
