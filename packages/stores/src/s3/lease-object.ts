import { StoreError } from '../errors.ts';
import type { KeptLease, Renewal, Renewer } from '../lease/messages.ts';
import type { LeaseServer } from '../lease/network-leases.ts';
import { S3Connection, type S3Settings } from './connection.ts';
import { leaseName } from './names.ts';
import { type Found, readObject, removeObjects } from './objects.ts';
import { type Conditions, etagAs, type IfMatch } from './probe.ts';
import { putObject } from './put-object.ts';

/** The server's clock counts seconds. */
const CLOCK_STEP_MS = 1_000;

/**
 * A lease is an object: token, time, count of renewals. It is created on condition that there is none, renewed and
 * taken over on condition that it is as it was read, and dead when the server's clock is further than its time from
 * the object's own. State of a renewal: how the server takes ETags, and the last one.
 */
export function leaseServer(
  connection: S3Connection,
  conditions: (signal: AbortSignal | undefined) => Promise<Conditions>,
): LeaseServer {
  const { prefix, store } = connection.settings;
  return {
    async create(key, token, ttlMs, signal) {
      const { create, replace } = await conditions(signal);
      if (!create) {
        const advice = 'Use leases of another store, or compute without: the first result that is stored counts.';
        throw new StoreError(
          'ERR_STORE_UNSUPPORTED',
          store,
          `the server has no conditional writes, so it has no leases. ${advice}`,
        );
      }
      const name = leaseName(prefix, key);
      const what = `lease of ${key}`;
      const body = bodyOf(token, ttlMs, 0);
      const options = { condition: { IfNoneMatch: '*' }, signal } as const;
      const etag = await putObject(connection, name, body, what, options);
      if (etag !== undefined) return { state: `${replace} ${etag}` };
      const found = await readObject(connection, name, what, { signal });
      if (found === undefined) return undefined; // freed just now: the next try has it
      if (tokenOf(found) === token) return { state: `${replace} ${found.etag}` }; // the answer to ours was lost
      if (connection.now() - found.modifiedMs <= timeOf(found) + CLOCK_STEP_MS) return undefined;
      const taken = await takeOver(connection, name, body, what, found, replace, signal);
      return taken === undefined ? undefined : { state: `${replace} ${taken}` };
    },
    async isHeld(key, token, signal) {
      const found = await readObject(connection, leaseName(prefix, key), `lease of ${key}`, { signal });
      return found !== undefined && tokenOf(found) === token;
    },
    async release(key, token) {
      const name = leaseName(prefix, key);
      const found = await readObject(connection, name, `release of ${key}`);
      if (found !== undefined && tokenOf(found) === token)
        await removeObjects(connection, [name], `release of ${key}`, undefined);
    },
  };
}

async function takeOver(
  connection: S3Connection,
  name: string,
  body: Uint8Array,
  what: string,
  dead: Found,
  replace: IfMatch,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (replace !== 'none')
    return putObject(connection, name, body, what, { condition: { IfMatch: etagAs(replace, dead.etag) }, signal });
  await removeObjects(connection, [name], what, signal);
  return putObject(connection, name, body, what, { condition: { IfNoneMatch: '*' }, signal });
}

/** Renews leases over a connection that is there. */
export function renewerOn(connection: S3Connection): Renewer {
  let count = 0;
  return {
    async renew({ key, token, ttlMs, state = 'none ' }: KeptLease): Promise<Renewal> {
      const [form, etag = ''] = state.split(' ') as [IfMatch, string?];
      const name = leaseName(connection.settings.prefix, key);
      const what = `renewal of the lease of ${key}`;
      count += 1;
      const body = bodyOf(token, ttlMs, count);
      if (form !== 'none') {
        const renewed = await putObject(connection, name, body, what, { condition: { IfMatch: etagAs(form, etag) } });
        if (renewed !== undefined) return { held: true, state: `${form} ${renewed}` };
      }
      const found = await readObject(connection, name, what); // no conditions, or the answer to an earlier renewal was lost
      if (found === undefined || tokenOf(found) !== token) return { held: false };
      const replaced = form === 'none' ? await putObject(connection, name, body, what) : found.etag;
      return { held: true, state: `${form} ${replaced}` };
    },
    close: () => undefined,
  };
}

/** Renews leases of an S3 store, in the helper thread. */
export function openRenewer(settings: S3Settings): Renewer {
  const connection = new S3Connection(settings);
  return { ...renewerOn(connection), close: () => connection.close() };
}

/** The count makes each renewal's ETag another one. */
function bodyOf(token: string, ttlMs: number, count: number): Buffer {
  return Buffer.from(`${token} ${ttlMs} ${count}\n`);
}

function tokenOf({ bytes }: Found): string {
  return Buffer.from(bytes).toString('latin1').split(' ')[0] ?? '';
}

function timeOf({ bytes }: Found): number {
  return Number(Buffer.from(bytes).toString('latin1').split(' ')[1] ?? 0) || 0;
}
