/** Something in an archive. */
export type TarEntry = { readonly path: string; readonly mode?: number } & (
  | { readonly folder: true }
  | { readonly link: string }
  | { readonly bytes: Uint8Array }
);

const BLOCK = 512;
const NAME = 100;
const END = new Uint8Array(2 * BLOCK);

/** A tar archive of these, in the form of POSIX.1-1988 with GNU's long names. */
export async function* tarOf(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    const path = entry.path.replace(/^\/+/, '') + ('folder' in entry ? '/' : '');
    const link = 'link' in entry ? entry.link : '';
    if (Buffer.byteLength(path) > NAME) yield* longName('L', path);
    if (Buffer.byteLength(link) > NAME) yield* longName('K', link);
    const bytes = 'bytes' in entry ? entry.bytes : new Uint8Array();
    const type = 'folder' in entry ? '5' : 'link' in entry ? '2' : '0';
    yield header(path, type, entry.mode ?? ('folder' in entry ? 0o755 : 0o644), bytes.byteLength, link);
    yield* padded(bytes);
  }
  yield END;
}

function* longName(type: 'L' | 'K', name: string): Generator<Uint8Array> {
  const bytes = Buffer.from(`${name}\0`);
  yield header('././@LongLink', type, 0, bytes.byteLength, '');
  yield* padded(bytes);
}

function* padded(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.byteLength === 0) return;
  yield bytes;
  const rest = bytes.byteLength % BLOCK;
  if (rest > 0) yield new Uint8Array(BLOCK - rest);
}

function header(path: string, type: string, mode: number, size: number, link: string): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  };
  Buffer.from(path).copy(block, 0, 0, NAME);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  Buffer.from(link).copy(block, 157, 0, NAME);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
