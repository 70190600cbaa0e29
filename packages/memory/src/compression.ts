import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { OptionError } from './option-error.ts';

/** How entries are compressed. */
export type Compression = 'zstd' | 'gzip' | 'brotli';

/** One way, as this Node has it. */
export interface Compressor {
  readonly name: Compression;
  /** Its number in entries and files. */
  readonly code: number;
  compress(bytes: Uint8Array): Uint8Array;
  compressLater(bytes: Uint8Array): Promise<Uint8Array>;
  expand(bytes: Uint8Array): Uint8Array;
  expandLater(bytes: Uint8Array): Promise<Uint8Array>;
}

type Sync = (bytes: Uint8Array, options?: object) => Uint8Array;
type Callback = (bytes: Uint8Array, options: object, done: (error: Error | null, result: Uint8Array) => void) => void;

/** zstd came with Node 22.15. */
const node = zlib as unknown as Readonly<Record<string, Sync & Callback>>;
const { constants } = zlib;
const KINDS = [
  ['gzip', 1, 'gzip', 'gunzip', { level: 1 }],
  ['brotli', 2, 'brotliCompress', 'brotliDecompress', { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }],
  ['zstd', 3, 'zstdCompress', 'zstdDecompress', {}],
] as const;
const COMPRESSORS: readonly Compressor[] = KINDS.flatMap(([name, code, pack, unpack, options]) => {
  const [compress, expand] = [node[`${pack}Sync`], node[`${unpack}Sync`]];
  if (compress === undefined || expand === undefined) return [];
  const later = (method: string): ((bytes: Uint8Array, given: object) => Promise<Uint8Array>) =>
    promisify(node[method] as Callback);
  return [
    {
      name,
      code,
      compress: (bytes) => compress(bytes, options),
      compressLater: (bytes) => later(pack)(bytes, options),
      expand: (bytes) => expand(bytes),
      expandLater: (bytes) => later(unpack)(bytes, {}),
    } satisfies Compressor,
  ];
});

/** Below this nothing is compressed: it would grow. */
export const WORTH = 256;
/** From here on it is done by the thread pool. */
export const LARGE: number = 64 * 1024;

/**
 * What an option asks for; `true` for the best that this Node has.
 * @throws OptionError for what isn't known, or isn't in this Node
 */
export function compressorOf(asked: boolean | Compression): Compressor | undefined {
  if (asked === false) return undefined;
  if (asked === true) return COMPRESSORS.find(({ name }) => name === 'zstd') ?? COMPRESSORS[0];
  const found = COMPRESSORS.find(({ name }) => name === asked);
  if (found !== undefined) return found;
  if (asked === 'zstd')
    throw new OptionError(
      `compress is 'zstd', which Node ${process.version} doesn't have: it came with 22.15. Use true for the best that each Node has.`,
    );
  throw new OptionError(`compress must be true, false, 'zstd', 'gzip' or 'brotli'. Got ${JSON.stringify(asked)}.`);
}

/** The same for an option that came from another Node: what this one lacks is gzip. */
export function compressorHere(asked: boolean | Compression): Compressor | undefined {
  if (typeof asked === 'boolean') return compressorOf(asked);
  return COMPRESSORS.find(({ name }) => name === asked) ?? COMPRESSORS[0];
}

/** The way that a number stands for; undefined where this Node can't. */
export function compressorAt(code: number): Compressor | undefined {
  return COMPRESSORS.find((each) => each.code === code);
}

/** What a number stands for, for messages. */
export function compressionName(code: number): string {
  return KINDS.find((kind) => kind[1] === code)?.[0] ?? `compression ${code}`;
}
