import { join } from 'node:path';
import { Depot } from './depot.ts';
import { hasRoom, makeFolder, newFolderName, places } from './folder.ts';
import { PrivateSegment } from './private-segment.ts';
import { FileSegment, type Segment, SharedSegment } from './segment.ts';

let shared: Depot | undefined;
let files: Depot | undefined;
let own: Depot | undefined;

/** What workers in this process read. */
export function sharedDepot(): Depot {
  shared ??= new Depot((bytes) => new SharedSegment(bytes));
  return shared;
}

/** What goes to other machines. */
export function privateDepot(): Depot {
  own ??= new Depot((bytes) => new PrivateSegment(bytes));
  return own;
}

/** What other processes on this machine read. */
export function fileDepot(): Depot {
  if (files === undefined) {
    const name = newFolderName();
    files = new Depot((bytes) => fileSegment(name, bytes));
  }
  return files;
}

/** A file in the first place that has room; undefined where none has. */
export function fileSegment(name: string, bytes: number): Segment | undefined {
  for (const place of places()) {
    if (!hasRoom(place, bytes)) continue;
    try {
      const folder = join(place, name);
      makeFolder(folder);
      return new FileSegment(folder, bytes);
    } catch {
      // cannot be written to: the next place, or none
    }
  }
  return undefined;
}
