import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * root/entries/<segments of the key but the last>/+<2 hex digits>/<last segment>.e   entries; the digits spread large folders
 * root/tmp/        files that are being written, then renamed or linked to their place
 * root/leases/     one file a lease; holders/ has one a process, whose modification time is its heartbeat
 * root/quarantine/ damaged entries
 * Folders of fan-out begin with a character that no key has.
 */

const SUFFIX = '.e';
const FAN = '+';
const HEX = Array.from({ length: 256 }, (_, byte) => FAN + byte.toString(16).padStart(2, '0'));

/** Where things are under the root of a disk store. */
export class Layout {
  readonly root: string;
  readonly entries: string;
  readonly tmp: string;
  readonly leases: string;
  readonly holders: string;
  readonly quarantine: string;

  constructor(root: string) {
    this.root = root;
    this.entries = `${root}/entries`;
    this.tmp = `${root}/tmp`;
    this.leases = `${root}/leases`;
    this.holders = `${root}/leases/holders`;
    this.quarantine = `${root}/quarantine`;
  }

  folderOf(key: string): string {
    const slash = key.lastIndexOf('/');
    const fan = HEX[crc32(key.slice(slash + 1)) & 0xff];
    return slash < 0 ? `${this.entries}/${fan}` : `${this.entries}/${key.slice(0, slash)}/${fan}`;
  }

  entry(key: string): string {
    return `${this.folderOf(key)}/${key.slice(key.lastIndexOf('/') + 1)}${SUFFIX}`;
  }

  lease(key: string): string {
    return `${this.leases}/${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
  }
}

/** Whether a folder under `entries` is one of fan-out. */
export function isFan(folder: string): boolean {
  return folder.startsWith(FAN);
}

/** The last segment of the key of an entry's file; undefined for files that are none. */
export function segmentOf(file: string): string | undefined {
  return file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : undefined;
}
