import { createHash } from 'node:crypto';

/** The format of docs/hash.md once more, written for clarity: data without classes and cycles. */
export function oracle(value: unknown): string {
  return createHash('sha256').update(form(value)).digest('hex');
}

const tag = (letter: string): Buffer => Buffer.from(letter, 'latin1');
const sized = (bytes: Buffer): Buffer => Buffer.concat([word(bytes.length), bytes]);

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Number.isNaN(value) ? Buffer.from('000000000000f87f', 'hex') : bytes;
}

function text(value: string): Buffer {
  const utf8 = Buffer.from(value, 'utf8');
  if (utf8.toString('utf8') === value) return Buffer.concat([tag('s'), sized(utf8)]);
  return Buffer.concat([tag('S'), sized(Buffer.from(value, 'utf16le'))]);
}

function inlined(bytes: Buffer): Buffer {
  return bytes.length > 256 ? Buffer.concat([tag('H'), createHash('sha256').update(bytes).digest()]) : bytes;
}

function form(value: unknown): Buffer {
  if (value === undefined) return tag('u');
  if (value === null) return tag('n');
  if (typeof value === 'boolean') return tag(value ? 't' : 'f');
  if (typeof value === 'number') return Buffer.concat([tag('d'), double(value)]);
  if (typeof value === 'bigint') return Buffer.concat([tag('i'), sized(Buffer.from(String(value)))]);
  if (typeof value === 'string') return text(value);
  return inlined(content(value as object));
}

function content(value: object): Buffer {
  if (Array.isArray(value)) {
    const items = Array.from(value, (item, at) => (at in value ? form(item) : tag('h')));
    return Buffer.concat([tag('['), word(value.length), ...items, word(0)]);
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => Buffer.concat([form(key), form(item)]));
    return Buffer.concat([tag('M'), word(value.size), ...entries.sort(Buffer.compare)]);
  }
  if (value instanceof Set)
    return Buffer.concat([tag('E'), word(value.size), ...[...value].map(form).sort(Buffer.compare)]);
  if (value instanceof Date) return Buffer.concat([tag('D'), double(value.getTime())]);
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return Buffer.concat([tag('T'), sized(Buffer.from(name)), double(value.byteLength), bytes]);
  }
  const keys = Object.keys(value).sort();
  const fields = keys.flatMap((key) => [text(key), form((value as Record<string, unknown>)[key])]);
  return Buffer.concat([tag('{'), word(keys.length), ...fields]);
}
