import type { Outcomes } from './backend.ts';
import type { Batch } from './batch.ts';
import { ProtocolError } from './errors.ts';
import { OutcomeReader } from './outcome-reader.ts';
import { bare, type HostMessage, type Packet, type WorkerMessage } from './pool/messages.ts';
import { nothingKnown, packetsFor } from './pool/ship.ts';
import { PacketReader, packetToBytes } from './pool/wire.ts';
import type { ConsoleLine } from './task/running.ts';
import type { Work } from './work.ts';
import type { Lanes } from './worker/lanes.ts';

/** First bytes of an encoded batch or answer: the name, then the version of the format. */
const MAGIC = new Uint8Array([0x6a, 0x6f, 0x62, 0x6c, 0x6f, 0x6f, 0x6d, 1]);
const UNIT = 1;

/** The packets that a fresh worker needs for the whole batch, as bytes. */
export function encodeWork(batch: Batch, work: Work): Uint8Array<ArrayBuffer> {
  return packetsToBytes(
    packetsFor(batch, work, { unit: UNIT, from: 0, to: batch.length, window: batch.length }, nothingKnown(true, false)),
  );
}

/** Puts an answer's outcomes together. @throws ProtocolError */
export function decodeAnswer(
  batch: Batch,
  work: Work,
  answer: Uint8Array,
  onConsole?: (index: number, line: ConsoleLine) => void,
): Outcomes {
  const reader = new OutcomeReader(batch);
  reader.refuse(work.refused);
  for (const packet of bytesToPackets<WorkerMessage>(answer)) {
    const { message } = packet;
    if (message.type === 'outcomes') reader.take(packet as never, 'encoded');
    if (message.type === 'console') onConsole?.(message.position, message.line);
  }
  if (!reader.complete)
    throw new ProtocolError(`the answer does not hold an outcome for each of the ${batch.length} tasks`);
  return reader.outcomes();
}

/**
 * Runs an encoded batch here and gives the answer for `batch.decode`.
 * Runs the code in it: only for bytes from a caller you trust.
 * @throws ProtocolError when the bytes are no encoded batch
 */
export function runEncoded(
  bytes: Uint8Array,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return answerTo(bytes, options.signal);
}

/** The same, with tasks that overlap on lanes that other batches share. */
export async function answerTo(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
  lanes?: Lanes,
): Promise<Uint8Array<ArrayBuffer>> {
  const packets = bytesToPackets<HostMessage>(bytes);
  const { serve } = await import('./worker/serve.ts');
  const { Outbox } = await import('./bulk/outbox.ts');
  const outbox = new Outbox();
  const answers: Packet<WorkerMessage>[] = [];
  let stop: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    let deliver: (packet: Packet<HostMessage>) => void = () => undefined;
    serve(
      {
        onPacket: (listener) => {
          deliver = listener;
        },
        send: (packet) => {
          answers.push(packet);
          if (packet.message.type === 'outcomes' && packet.message.end) resolve();
        },
        flush: () => true,
      },
      {
        place: new Int32Array(2),
        sharedMemory: false,
        marks: false,
        replaced: false,
        ownProcess: false,
        asks: false,
        outbox,
        ...(lanes && { lanes }),
      },
    );
    const cancel = (): void => deliver(bare({ type: 'cancel', unit: UNIT }));
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    stop = () => signal?.removeEventListener('abort', cancel);
    for (const packet of packets) deliver(packet);
  });
  stop();
  return packetsToBytes(answers);
}

function packetsToBytes(packets: readonly Packet<unknown>[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat([MAGIC, ...packets.flatMap(packetToBytes)]) as Uint8Array<ArrayBuffer>;
}

function bytesToPackets<M>(bytes: Uint8Array): Packet<M>[] {
  const given = Buffer.from(bytes.subarray(0, MAGIC.length));
  if (!given.subarray(0, 7).equals(MAGIC.subarray(0, 7)))
    throw new ProtocolError('these bytes are no encoded batch or answer of jobloom');
  if (given[7] !== MAGIC[7])
    throw new ProtocolError(`encoded in format ${given[7]}; this jobloom reads format ${MAGIC[7]}`);
  const packets: Packet<M>[] = [];
  const reader = new PacketReader((packet) => packets.push(packet as Packet<M>));
  reader.push(bytes.subarray(MAGIC.length));
  if (!reader.idle || packets.length === 0) throw new ProtocolError('the encoded bytes were cut off');
  return packets;
}
