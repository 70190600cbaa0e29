import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStore, type Store, StoreError, type StoreLocation, tiered } from '@jobloom/stores';

/** How long a store that didn't answer in time is left alone: calls would each wait for it. */
const REST_MS = 5_000;

/** What is known of a call that is under way, for those that wait for it. */
export interface Outcome {
  readonly value: unknown;
  readonly stored: boolean;
}

/** A store that is open in this thread, with what all who use it share. */
export class OpenedStore {
  readonly store: Store;
  /** Calls under way, by key. */
  readonly flights: Map<string, Promise<Outcome>> = new Map();
  /** Codes whose description was stored. */
  readonly described: Set<string> = new Set();
  readonly #own: readonly Store[];
  #restsUntil = 0;
  #noLeases = false;

  /** @param own stores that are closed with this one */
  constructor(store: Store, own: readonly Store[]) {
    this.store = store;
    this.#own = own;
  }

  /** It didn't answer in time a moment ago. */
  get rests(): boolean {
    return this.#restsUntil > 0 && performance.now() < this.#restsUntil;
  }

  get hasLeases(): boolean {
    return !this.#noLeases && this.store.lease !== undefined && this.store.capabilities.leases;
  }

  /** An operation failed. False when that only shows that the server has no leases. */
  failed(error: unknown): boolean {
    const code = error instanceof StoreError ? error.code : undefined;
    if (code === 'ERR_STORE_TIMEOUT') this.#restsUntil = performance.now() + REST_MS;
    if (code !== 'ERR_STORE_UNSUPPORTED') return true;
    this.#noLeases = true;
    return false;
  }

  async close(): Promise<void> {
    await Promise.all(this.#own.map((store) => store.close()));
  }
}

interface Shared {
  readonly opened: OpenedStore;
  users: number;
}

/** Stores that were opened by their location, and how many use each. */
const byLocation = new Map<string, Shared>();
const byStore = new WeakMap<Store, OpenedStore>();

/** Opens a store, once a thread and location. @throws StoreError for what is no location */
export function acquire(location: StoreLocation): OpenedStore {
  if (isStore(location)) {
    const opened = byStore.get(location) ?? new OpenedStore(location, []);
    byStore.set(location, opened);
    return opened;
  }
  const key = JSON.stringify(travelling(location));
  const isShareable = flat(location).every((each) => !isStore(each));
  const known = isShareable ? byLocation.get(key) : undefined;
  if (known !== undefined) {
    known.users += 1;
    return known.opened;
  }
  const opened = open(location);
  if (isShareable) byLocation.set(key, { opened, users: 1 });
  return opened;
}

/** The last one who uses a store closes it. A store that was given stays open. */
export async function release(opened: OpenedStore): Promise<void> {
  for (const [key, shared] of byLocation) {
    if (shared.opened !== opened) continue;
    shared.users -= 1;
    if (shared.users > 0) return;
    byLocation.delete(key);
  }
  await opened.close();
}

function open(location: StoreLocation): OpenedStore {
  const own: Store[] = [];
  const openOne = (each: StoreLocation): Store => {
    if (Array.isArray(each)) return tiered(each.map(openOne));
    const store = openStore(each);
    if (!isStore(each)) own.push(store);
    return store;
  };
  return new OpenedStore(openOne(location), own);
}

/** A location as another thread, process or host opens it: folders are absolute. Null where there is none. */
export function travelling(location: StoreLocation): StoreLocation | null {
  if (isStore(location)) return location.location ?? null;
  if (location instanceof URL) return location.href;
  if (typeof location === 'string')
    return /^[a-z][a-z0-9+.-]+:/i.test(location) ? location : pathToFileURL(resolve(location)).href;
  const tiers = (location as readonly StoreLocation[]).flatMap((each) => travelling(each) ?? []);
  return tiers.length === 0 ? null : (tiers as StoreLocation);
}

function flat(location: StoreLocation): readonly StoreLocation[] {
  return Array.isArray(location) ? location.flatMap(flat) : [location];
}

export function isStore(value: unknown): value is Store {
  const store = value as Partial<Store> | null;
  return typeof store === 'object' && typeof store?.get === 'function' && typeof store.put === 'function';
}
