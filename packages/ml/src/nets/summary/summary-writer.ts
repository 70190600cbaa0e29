import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';
import { encodeFileVersion, encodeScalars } from './event.ts';

/** Files of one folder that this thread began, so that two that begin in the same second are two. */
let files = 0;

/**
 * Writes scalars to an event file, which TensorBoard draws as curves. A file is there from the first scalars on, and
 * complete after each. Source: TensorFlow's TFRecord format, and its names of event files.
 */
export class SummaryWriter {
  private readonly folder: string;
  private path: string | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    const wallTime = Date.now() / 1000;
    const records = [record(encodeScalars({ wallTime, step, scalars }))];
    if (this.path === undefined) {
      await mkdir(this.folder, { recursive: true });
      const name = `events.out.tfevents.${Math.floor(wallTime)}.${hostname()}.${process.pid}.${files}`;
      files += 1;
      this.path = join(this.folder, name);
      records.unshift(record(encodeFileVersion(wallTime)));
    }
    await appendFile(this.path, Buffer.concat(records));
  }
}

/** A TFRecord: length, its CRC, the bytes, their CRC. */
function record(bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(bytes));
  return Buffer.concat([head, bytes, tail]);
}
