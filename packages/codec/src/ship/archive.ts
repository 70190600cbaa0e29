import { FrameError } from '../frame-error.ts';
import { headText, type PackageHead, readHead } from './package-head.ts';
import { sha256 } from './sha256.ts';

/** `jblp`, then the version of the layout. */
const MAGIC = new Uint8Array([0x6a, 0x62, 0x6c, 0x70, 1]);
const START = MAGIC.byteLength + 4;

/**
 * A package as bytes. Layout: magic and version, length of the head (u32, little endian), the head as JSON, then what
 * is in its files, in their order, deflated together.
 * @param read what is in a file
 */
export function packArchive(head: PackageHead, read: (path: string) => Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(headText(head));
  const { files } = JSON.parse(headText(head)) as PackageHead;
  const body = zlib().deflateRawSync(Buffer.concat(files.map(([path]) => read(path))), { level: 4 });
  const bytes = new Uint8Array(START + text.byteLength + body.byteLength);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.byteLength, text.byteLength, true);
  bytes.set(text, START);
  bytes.set(body, START + text.byteLength);
  return bytes;
}

/** A package that came: its head with the text of it, and what is in each file. */
export interface Unpacked {
  readonly head: PackageHead;
  readonly text: string;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Reads an archive. @throws FrameError when anything in it is not what the hash of its content stands for */
export function readArchive(bytes: Uint8Array, content: string): Unpacked {
  if (bytes.byteLength < START || !MAGIC.every((byte, at) => bytes[at] === byte))
    throw new FrameError(`what came for package ${content} is no package in a layout that this jobloom reads`);
  const end = START + new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.byteLength, true);
  const text = new TextDecoder().decode(bytes.subarray(START, end));
  const head = readHead(text, content);
  const { name, files } = head;
  const size = files.reduce((sum, [, length]) => sum + length, 0);
  const body = inflate(name, bytes.subarray(end), size);
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  for (const [path, length, hash] of files) {
    const part = body.subarray(at, at + length);
    if (sha256(part) !== hash) throw new FrameError(`${path} of package ${name} was changed on the way`);
    contents.set(path, part);
    at += length;
  }
  return { head, text, contents };
}

function inflate(name: string, deflated: Uint8Array, size: number): Uint8Array {
  try {
    const body = zlib().inflateRawSync(deflated, { maxOutputLength: Math.max(size, 1) });
    if (body.byteLength === size) return body;
  } catch (cause) {
    throw new FrameError(`package ${name} was damaged on the way`, { cause });
  }
  throw new FrameError(`package ${name} was damaged on the way: it holds other files than it says`);
}

/** Loaded where packages are shipped only. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
