/*
 * All names of a store share one hash tag, so that a cluster keeps them in one slot and takes them in one transaction.
 */

export function entryKey(prefix: string, key: string): string {
  return `{${prefix}}:e:${key}`;
}

export function leaseKey(prefix: string, key: string): string {
  return `{${prefix}}:l:${key}`;
}

/** Sorted sets of a store's keys: by time of use, size, and time stored. */
export function indexes(prefix: string): { readonly access: string; readonly size: string; readonly created: string } {
  return { access: `{${prefix}}:access`, size: `{${prefix}}:size`, created: `{${prefix}}:created` };
}
