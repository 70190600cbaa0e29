import { ProtocolError } from '../../errors.ts';
import { type BlobRef, type Envelope, FIELDS, type Place } from './envelope.ts';
import { WireReader } from './wire-reader.ts';

/** The envelopes of a message, in order; their bytes are views of it. Fields of later versions are left out. @throws ProtocolError */
export function decodeMessage(bytes: Uint8Array): Envelope[] {
  const envelopes: Envelope[] = [];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    const envelope = reader.field === 1 ? decodeEnvelope(reader.inner()) : reader.skip();
    if (envelope) envelopes.push(envelope);
  }
  return envelopes;
}

function decodeEnvelope(reader: WireReader): Envelope | undefined {
  let envelope: Envelope | undefined;
  while (reader.next()) {
    const body = decodeBody(reader);
    envelope = body ?? envelope;
  }
  return envelope;
}

function decodeBody(reader: WireReader): Envelope | undefined {
  switch (reader.field) {
    case FIELDS.packet:
      return packet(reader.inner());
    case FIELDS.hello: {
      const [nonce, keyId] = byteFields(reader.inner(), [32, 8]) as [Uint8Array, Uint8Array];
      return { type: 'hello', nonce, keyId };
    }
    case FIELDS.challenge: {
      const [nonce, session, proof] = byteFields(reader.inner(), [32, 16, 32]) as [Uint8Array, Uint8Array, Uint8Array];
      return { type: 'challenge', nonce, session, proof };
    }
    case FIELDS.proof: {
      const [proof] = byteFields(reader.inner(), [32]) as [Uint8Array];
      return { type: 'proof', proof };
    }
    case FIELDS.about:
      return { type: 'about', about: reader.text() };
    case FIELDS.open: {
      const { 1: link = 0, 2: settings } = fields(reader.inner(), { 1: 'number', 2: 'text' });
      return { type: 'open', link: link as number, settings: (settings as string) ?? '' };
    }
    case FIELDS.stop:
      return { type: 'stop', link: (fields(reader.inner(), { 1: 'number' })[1] as number) ?? 0 };
    case FIELDS.exit:
      return exit(reader.inner());
    case FIELDS.blob: {
      const { 1: hash, 2: size = 0, 3: data } = fields(reader.inner(), { 1: 'bytes', 2: 'number', 3: 'bytes' });
      return { type: 'blob', hash: sized(hash, 32), size: size as number, data: (data as Uint8Array) ?? NOTHING };
    }
    case FIELDS.blobState: {
      const { 1: hash, 2: needed = 0 } = fields(reader.inner(), { 1: 'bytes', 2: 'number' });
      return { type: 'blobState', hash: sized(hash, 32), needed: needed !== 0 };
    }
    case FIELDS.capacity:
      return { type: 'capacity', jobs: (fields(reader.inner(), { 1: 'number' })[1] as number) ?? 0 };
    case FIELDS.draft: {
      const { 1: name, 2: size = 0, 3: probe } = fields(reader.inner(), { 1: 'bytes', 2: 'number', 3: 'bytes' });
      return { type: 'draft', name: sized(name, 32), size: size as number, probe: sized(probe, 32) };
    }
    case FIELDS.sum: {
      const [name, hash] = byteFields(reader.inner(), [32, 32]) as [Uint8Array, Uint8Array];
      return { type: 'sum', name, hash };
    }
    default:
      reader.skip();
      return undefined;
  }
}

const NOTHING = new Uint8Array(0);

function packet(reader: WireReader): Envelope {
  let link = 0;
  let data: Uint8Array = NOTHING;
  let blobs: BlobRef[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) link = reader.number();
    else if (reader.field === 2) data = reader.bytes();
    else if (reader.field === 3) {
      const { 1: part = 0, 2: hash } = fields(reader.inner(), { 1: 'number', 2: 'bytes' });
      blobs ??= [];
      blobs.push({ part: part as number, hash: sized(hash, 32) });
    } else reader.skip();
  }
  return { type: 'packet', link, data, ...(blobs && { blobs }) };
}

function exit(reader: WireReader): Envelope {
  let link = 0;
  let code: number | undefined;
  let signal: string | undefined;
  let error: string | undefined;
  let place: Place | undefined;
  let memoryLimit: number | undefined;
  let hopeless = false;
  while (reader.next()) {
    if (reader.field === 1) link = reader.number();
    else if (reader.field === 2) code = reader.number();
    else if (reader.field === 3) signal = reader.text();
    else if (reader.field === 4) error = reader.text();
    else if (reader.field === 5) {
      const { 1: unit = 0, 2: index = 0 } = fields(reader.inner(), { 1: 'number', 2: 'number' });
      place = { unit: unit as number, index: index as number };
    } else if (reader.field === 6) memoryLimit = reader.number();
    else if (reader.field === 7) hopeless = reader.number() !== 0;
    else reader.skip();
  }
  return {
    type: 'exit',
    link,
    ...(code !== undefined && { code }),
    ...(signal && { signal }),
    ...(error && { error }),
    ...(place && { place }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(hopeless && { hopeless }),
  };
}

type Kind = 'number' | 'text' | 'bytes';

function fields(reader: WireReader, kinds: Readonly<Record<number, Kind>>): Record<number, unknown> {
  const found: Record<number, unknown> = {};
  while (reader.next()) {
    const kind = kinds[reader.field];
    if (kind === undefined) reader.skip();
    else found[reader.field] = reader[kind]();
  }
  return found;
}

/** Fields 1, 2, … of these lengths and no other. @throws ProtocolError when one has another length */
function byteFields(reader: WireReader, lengths: readonly number[]): Uint8Array[] {
  const found = fields(reader, Object.fromEntries(lengths.map((_, at) => [at + 1, 'bytes' as const])));
  return lengths.map((length, at) => sized(found[at + 1], length));
}

function sized(bytes: unknown, length: number): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== length)
    throw new ProtocolError(`a message of the cluster that cannot be read: a field that is not ${length} bytes long`);
  return bytes;
}
