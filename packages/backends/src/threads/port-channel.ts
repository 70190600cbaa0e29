import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { noteSent } from '../bulk/moved.ts';
import { isLarge, type Packet, type Part } from '../pool/messages.ts';
import { lengthen, type Short, shorten } from '../pool/short.ts';

type Raw = readonly [message: unknown, parts: readonly Part[], shared: readonly SharedArrayBuffer[]];

/** Sends a packet through a port; `handOver` moves large parts instead of copying them. */
export function sendPacket(port: MessagePort, packet: Packet<unknown>, handOver: boolean): void {
  const short = shorten(packet);
  if (short !== undefined) {
    port.postMessage(short);
    return;
  }
  const parts = packet.parts.map(tight);
  const transfer = handOver ? parts.filter(isLarge).map((part) => part.buffer) : moved(packet);
  port.postMessage([packet.message, parts, packet.shared] satisfies Raw, transfer);
  if (!handOver) for (const buffer of transfer) noteSent(buffer);
}

function moved({ moved: places = [], parts }: Packet<unknown>): ArrayBuffer[] {
  return places.map((at) => (parts[at] as Part).buffer);
}

/** What `sendPacket` sent. */
export function readPacket<M>(raw: unknown): Packet<M> {
  const [first] = raw as Raw | Short;
  if (typeof first === 'number') return lengthen(raw as Short);
  const [message, parts, shared] = raw as Raw;
  return { message: message as M, parts, shared };
}

/** What has arrived and was not delivered yet. */
export function drain<M>(port: MessagePort, deliver: (packet: Packet<M>) => void): void {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port))
    deliver(readPacket(got.message));
}

/** A part that is a view of something larger would drag all of it along. */
function tight(part: Part): Part {
  return part.byteLength === part.buffer.byteLength ? part : part.slice();
}
