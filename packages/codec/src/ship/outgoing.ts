import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModuleRef } from '../frame.ts';
import type { Package } from '../packages.ts';
import { packArchive } from './archive.ts';
import { closureOf, graphText, identities } from './package-graph.ts';
import { sha256 } from './sha256.ts';
import { isOwn, type Surveyed, surveyAll } from './survey.ts';

/** How a package goes along: under which identity, or why it cannot. */
export type Shipping = { readonly id: string } | { readonly problem: string };

const shippings = new Map<string, Shipping>();
/** What was offered by this process: texts of graphs with the contents in them, files by content, folders by identity. */
const graphs = new Map<string, { readonly text: string; readonly contents: readonly string[] }>();
const sources = new Map<string, Surveyed>();
const homes = new Map<string, string>();

/** Makes a package ready to go along with all that it depends on. Its files are read once a process. */
export function shippingOf(found: Package): Shipping {
  let shipping = shippings.get(found.directory);
  if (shipping === undefined) {
    shipping = prepare(found);
    shippings.set(found.directory, shipping);
  }
  return shipping;
}

function prepare(found: Package): Shipping {
  const survey = surveyAll(found);
  if ('problem' in survey) return survey;
  const { all, graph } = survey;
  const ids = identities(graph);
  for (const [at, each] of all.entries()) {
    if (isOwn(each.package.name) || each.problem !== undefined) continue;
    sources.set(each.content, each);
    homes.set(ids[at] as string, each.package.directory);
  }
  const id = ids[0] as string;
  const closure = closureOf(graph, 0);
  const contents = [...new Set(closure.map(({ content }) => content).filter((content) => content !== ''))];
  graphs.set(id, { text: graphText(closure), contents });
  return { id };
}

/** Where a package lies that this process offered. */
export function homeOf(id: string): string | undefined {
  return homes.get(id);
}

/** Hashes of all parcels that a receiver needs that has none of the packages of these modules: those that this process offers. */
export function parcelsOf(modules: readonly ModuleRef[]): readonly string[] {
  const hashes = new Set<string>();
  for (const { shipped } of modules) {
    const id = shipped?.slice(0, shipped.indexOf('/')) ?? '';
    const graph = graphs.get(id);
    if (graph !== undefined) for (const hash of [id, ...graph.contents]) hashes.add(hash);
  }
  return [...hashes];
}

const MAX_KEPT = 64 * 2 ** 20;
const packed = new Map<string, Uint8Array<ArrayBuffer>>();
let kept = 0;

/**
 * The bytes behind a hash: a list of packages, or a package's files.
 * @throws TypeError when this process did not offer it, or its files were changed since
 */
export function parcelBytes(hash: string): Uint8Array<ArrayBuffer> {
  const graph = graphs.get(hash);
  if (graph !== undefined) return new TextEncoder().encode(graph.text);
  const source = sources.get(hash);
  if (source === undefined) throw new TypeError(`no package with the hash ${hash} was offered by this process`);
  let bytes = packed.get(hash);
  if (bytes === undefined) {
    bytes = pack(source);
    keep(hash, bytes);
  }
  return bytes;
}

/** Several workers ask one after the other. */
function keep(hash: string, bytes: Uint8Array<ArrayBuffer>): void {
  packed.set(hash, bytes);
  kept += bytes.byteLength;
  for (const [oldest, { byteLength }] of packed) {
    if (kept <= MAX_KEPT) break;
    packed.delete(oldest);
    kept -= byteLength;
  }
}

function pack({ package: { name, directory }, head }: Surveyed): Uint8Array<ArrayBuffer> {
  const hashes = new Map(head.files.map(([path, , hash]) => [path, hash]));
  return packArchive(head, (path) => {
    const bytes = readFileSync(join(directory, path));
    if (sha256(bytes) !== hashes.get(path))
      throw new TypeError(`${join(directory, path)} of package ${name} was changed after the package was first used`);
    return bytes;
  });
}
