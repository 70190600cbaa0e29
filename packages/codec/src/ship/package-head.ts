import { FrameError } from '../frame-error.ts';
import { MAX_FILES, MAX_PACKAGE_BYTES, megabytes } from './limits.ts';
import { sha256 } from './sha256.ts';

/** A file of a package: its path in there with forward slashes, its size, and the SHA-256 of what is in it. */
export type FileEntry = readonly [path: string, bytes: number, hash: string];

/** What a package consists of. The hash of its text is the hash of the package's content. */
export interface PackageHead {
  readonly name: string;
  readonly version: string;
  readonly files: readonly FileEntry[];
}

/** The text of a head: the same for the same files, in whatever order they were found. */
export function headText({ name, version, files }: PackageHead): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ name, version, files: sorted });
}

/**
 * Reads a head that came from elsewhere.
 * @throws FrameError when it is not the one of this hash, or has a path that could lead out of the package
 */
export function readHead(text: string, content: string): PackageHead {
  if (sha256(text) !== content) throw new FrameError(`the package that came for ${content} is another one`);
  const head = JSON.parse(text) as PackageHead;
  if (!isPackageName(head.name) || typeof head.version !== 'string' || !Array.isArray(head.files))
    throw new FrameError(`package ${content} does not say what it is`);
  const seen = new Set<string>();
  let total = 0;
  for (const [path, bytes, hash] of head.files) {
    if (!isInside(path)) throw new FrameError(`package ${head.name} has a file with the path ${JSON.stringify(path)}`);
    if (seen.has(path)) throw new FrameError(`package ${head.name} has two files with the path ${path}`);
    if (!(Number.isSafeInteger(bytes) && bytes >= 0) || typeof hash !== 'string')
      throw new FrameError(`package ${head.name} does not say what is in ${path}`);
    seen.add(path);
    total += bytes;
  }
  if (total > MAX_PACKAGE_BYTES || head.files.length > MAX_FILES)
    throw new FrameError(
      `package ${head.name} has ${megabytes(total)} in ${head.files.length} files, which is too large`,
    );
  return head;
}

/** Whether a text can be the name of a package, and of a folder of its own. */
export function isPackageName(name: unknown): name is string {
  return typeof name === 'string' && name.length < 215 && /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/.test(name);
}

/** Whether a path stays inside of the folder that it is put in, on any system. */
export function isInside(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > 1_000 || /[\\:\0]/.test(path)) return false;
  return path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
}
