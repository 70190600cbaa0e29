import { type Envelope, FIELDS } from './envelope.ts';
import { message, varintSize, WireWriter } from './wire-writer.ts';

/** An envelope as bytes, in two pieces so that bulk is not copied twice. */
export interface Encoded {
  readonly head: Uint8Array;
  readonly body: Uint8Array | undefined;
}

/** The bytes of an envelope as an entry of `Message`. */
export function encodeEnvelope(envelope: Envelope): Encoded {
  const field = FIELDS[envelope.type];
  if (envelope.type === 'packet' && envelope.blobs === undefined) return packet(envelope.link, envelope.data);
  const { front, body } = content(envelope);
  const bodyBytes = body === undefined ? 0 : body.byteLength;
  const inner = front.byteLength + bodyBytes;
  const outer = 1 + varintSize(inner) + inner;
  const writer = new WireWriter(1 + varintSize(outer) + outer - bodyBytes);
  writer.field(1, outer);
  writer.field(field, inner);
  writer.raw(front);
  return { head: writer.bytes, body };
}

/** The usual case. */
function packet(link: number, data: Uint8Array): Encoded {
  const bytes = data.byteLength;
  const inner = 2 + varintSize(link) + varintSize(bytes) + bytes;
  const outer = 1 + varintSize(inner) + inner;
  const writer = new WireWriter(1 + varintSize(outer) + outer - bytes);
  writer.field(1, outer);
  writer.field(FIELDS.packet, inner);
  writer.varint(8);
  writer.varint(link);
  writer.field(2, bytes);
  return { head: writer.bytes, body: data };
}

/** The envelope's own message; the last field's bytes may be apart. */
function content(envelope: Envelope): { readonly front: Uint8Array; readonly body?: Uint8Array } {
  switch (envelope.type) {
    case 'hello':
      return { front: message([1, envelope.nonce], [2, envelope.keyId]) };
    case 'challenge':
      return { front: message([1, envelope.nonce], [2, envelope.session], [3, envelope.proof]) };
    case 'proof':
      return { front: message([1, envelope.proof]) };
    case 'about':
      return { front: Buffer.from(envelope.about) };
    case 'open':
      return { front: message([1, envelope.link], [2, envelope.settings]) };
    case 'packet': {
      const blobs = (envelope.blobs ?? []).map(({ part, hash }) => [3, message([1, part], [2, hash])] as const);
      return withBody(message([1, envelope.link], ...blobs), 2, envelope.data);
    }
    case 'stop':
      return { front: message([1, envelope.link]) };
    case 'exit': {
      const { link, code, signal, error, place, memoryLimit, hopeless } = envelope;
      const where = place && message([1, place.unit], [2, place.index]);
      return {
        front: message(
          [1, link],
          [2, code],
          [3, signal],
          [4, error],
          [5, where],
          [6, memoryLimit],
          [7, hopeless ? 1 : undefined],
        ),
      };
    }
    case 'blob':
      return withBody(message([1, envelope.hash], [2, envelope.size]), 3, envelope.data);
    case 'blobState':
      return { front: message([1, envelope.hash], [2, envelope.needed ? 1 : 0]) };
    case 'capacity':
      return { front: message([1, envelope.jobs]) };
    case 'draft':
      return { front: message([1, envelope.name], [2, envelope.size], [3, envelope.probe]) };
    case 'sum':
      return { front: message([1, envelope.name], [2, envelope.hash]) };
    default:
      return envelope satisfies never;
  }
}

function withBody(front: Uint8Array, field: number, body: Uint8Array): { front: Uint8Array; body: Uint8Array } {
  const writer = new WireWriter(front.byteLength + 1 + varintSize(body.byteLength));
  writer.raw(front);
  writer.field(field, body.byteLength);
  return { front: writer.bytes, body };
}
