import { closeSync, openSync, writeSync } from 'node:fs';
import type { KeptLease, Renewal, Renewer } from '../lease/messages.ts';
import { hasCode } from './disk-errors.ts';

/** Heartbeats of a disk store, in the helper thread: the file system notes when the holder's file was written, by its own clock. */
export function openRenewer(): Renewer {
  return {
    async renew({ key: path }: KeptLease): Promise<Renewal> {
      try {
        const file = openSync(path, 'r+');
        try {
          writeSync(file, '\n', 0);
        } finally {
          closeSync(file);
        }
        return { held: true };
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return { held: false };
        throw error;
      }
    },
    close: () => undefined,
  };
}
