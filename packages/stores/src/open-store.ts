import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { diskStore } from './disk/disk-store.ts';
import { StoreError } from './errors.ts';
import { memoryStore } from './memory-store.ts';
import { redisStore } from './redis/redis-store.ts';
import { s3Store } from './s3/s3-store.ts';
import type { Store } from './store.ts';
import { tiered } from './tiered.ts';

/** A folder, a URL of a registered scheme, a store, or a list of them, the fastest first. */
export type StoreLocation = string | URL | Store | readonly StoreLocation[];

/** Makes a store from its URL. It connects on first use, not here. */
export type StoreOpener = (url: URL) => Store;

const SCHEMES = Symbol.for('jobloom.stores');
const SCHEME = /^([a-z][a-z0-9+.-]+):/i; // two letters at least: C:\folder is a folder

/** Schemes that are known in this process, to all copies of this package. */
function schemes(): Map<string, StoreOpener> {
  const holder = globalThis as { [SCHEMES]?: Map<string, StoreOpener> };
  holder[SCHEMES] ??= new Map<string, StoreOpener>();
  return holder[SCHEMES];
}

/**
 * Opens a store: a folder (`./cache`, `file:///var/cache`), `memory:`, `s3://bucket/prefix`, `redis://host:6379/0?prefix=name`,
 * whatever `registerStore` made known; a list gives tiers. Options of the built-in kinds are parameters of their URLs.
 * A relative folder is made absolute here, so that a later change of directory doesn't matter.
 * Nothing is connected and nothing made on disk before the first use.
 * Throws `ERR_STORE_LOCATION` for what is none of these.
 *
 * @example
 * await using store = openStore('s3://results/run-1?endpoint=http://localhost:7480');
 */
export function openStore(location: StoreLocation): Store {
  if (Array.isArray(location)) return tiered(location.map((each: StoreLocation) => openStore(each)));
  if (location instanceof URL) return openUrl(location);
  if (typeof location === 'string') return openText(location);
  if (isStore(location)) return location;
  throw new StoreError(
    'ERR_STORE_LOCATION',
    'stores',
    `${location === null ? 'null' : typeof location} is no location. Give a folder, a URL, a Store or a list of them.`,
  );
}

/** Makes `scheme://…` known to `openStore`; the last registration of a scheme counts. */
export function registerStore(scheme: string, open: StoreOpener): void {
  if (!/^[a-z][a-z0-9+.-]+$/.test(scheme))
    throw new StoreError('ERR_STORE_LOCATION', 'stores', `${JSON.stringify(scheme)} is no scheme of a URL.`);
  schemes().set(scheme, open);
}

function openText(location: string): Store {
  if (location === '')
    throw new StoreError('ERR_STORE_LOCATION', 'stores', 'the location is empty. Give a folder or a URL.');
  const scheme = SCHEME.exec(location)?.[1];
  if (scheme === undefined) return openUrl(pathToFileURL(resolve(location)));
  if (!URL.canParse(location))
    throw new StoreError(
      'ERR_STORE_LOCATION',
      'stores',
      `a location that begins with ${scheme}: is not a URL. Its form is ${scheme}://host/path.`,
    );
  return openUrl(new URL(location));
}

function openUrl(url: URL): Store {
  const open = schemes().get(url.protocol.slice(0, -1)) ?? BUILT_IN.get(url.protocol.slice(0, -1));
  if (open !== undefined) return open(url);
  const known = [...new Set([...BUILT_IN.keys(), ...schemes().keys()])].join(', ');
  throw new StoreError(
    'ERR_STORE_LOCATION',
    'stores',
    `no store is known for ${url.protocol}. Known: ${known}. Add your own with registerStore(scheme, open).`,
  );
}

const BUILT_IN: ReadonlyMap<string, StoreOpener> = new Map([
  ['file', (url: URL) => diskStore(fileURLToPath(bare(url)), parametersOf(url, { fsync: 'boolean', verify: 'text' }))],
  ['memory', (url: URL) => memoryStore(parametersOf(url, { maxBytes: 'number' }))],
  ['redis', openRedis],
  ['rediss', openRedis],
  [
    's3',
    (url: URL) =>
      s3Store({
        bucket: url.hostname,
        prefix: decodeURIComponent(url.pathname.slice(1)),
        ...parametersOf(url, { region: 'text', endpoint: 'text', timeoutMs: 'number', forcePathStyle: 'boolean' }),
      }),
  ],
]);

function openRedis(url: URL): Store {
  const parameters = parametersOf(url, { prefix: 'text', timeoutMs: 'number', maxValueBytes: 'number' });
  return redisStore({ url: bare(url).href, ...parameters });
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.search = '';
  copy.hash = '';
  return copy;
}

type Kind = 'text' | 'number' | 'boolean';

/** The URL's parameters by their kinds; one that isn't known, or isn't of its kind, is refused. */
function parametersOf(url: URL, kinds: Readonly<Record<string, Kind>>): Record<string, never> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of url.searchParams) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const known = Object.keys(kinds).join(', ');
      throw new StoreError(
        'ERR_STORE_LOCATION',
        'stores',
        `${url.protocol} takes no parameter ${name}. Known: ${known}.`,
      );
    }
    values[name] = parse(url, name, text, kind);
  }
  return values as Record<string, never>;
}

function parse(url: URL, name: string, text: string, kind: Kind): unknown {
  if (kind === 'text') return text;
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'number' && /^\d+$/.test(text)) return Number(text);
  throw new StoreError(
    'ERR_STORE_LOCATION',
    'stores',
    `parameter ${name} of ${url.protocol} is ${JSON.stringify(text)}. It must be ${kind === 'number' ? 'a whole number' : 'true or false'}.`,
  );
}

function isStore(value: unknown): value is Store {
  const store = value as Partial<Store> | null;
  return typeof store === 'object' && typeof store?.get === 'function' && typeof store.put === 'function';
}
