import { type FileHandle, open } from 'node:fs/promises';
import type { FrameRef, HeldRef, Packet, Part, WorkerMessage } from '../pool/messages.ts';
import { LARGEST } from './segment.ts';

/** The frames of an answer that have buffers in files. */
export function heldIn(message: WorkerMessage): readonly FrameRef[] {
  if (message.type === 'hooked') return message.frame.held === undefined ? NONE : [message.frame];
  if (message.type !== 'outcomes') return NONE;
  let found: readonly FrameRef[] = NONE;
  for (const segment of message.segments) {
    if ((segment.kind !== 'values' && segment.kind !== 'failed') || segment.frame.held === undefined) continue;
    found = [...found, segment.frame];
  }
  return found;
}

const NONE: readonly FrameRef[] = [];

/** Reads the files of an answer into its parts, beside this thread. Gives the names of what was read. */
export async function readHeld(packet: Packet<unknown>, frames: readonly FrameRef[]): Promise<readonly string[]> {
  const parts = packet.parts as Part[];
  const reads = frames.flatMap(({ buffers, held = [] }) =>
    held.map(async (ref) => {
      parts[buffers[ref.at] as number] = await read(ref);
      return ref.name;
    }),
  );
  return Promise.all(reads);
}

async function read(ref: HeldRef): Promise<Part> {
  if (!('path' in ref)) throw new TypeError('an answer whose bulk data is in no file');
  const bytes = new Uint8Array(ref.bytes);
  const file = await open(ref.path, 'r');
  try {
    await fill(file, bytes);
  } finally {
    await file.close();
  }
  return bytes;
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(LARGEST, bytes.byteLength - at), at);
    if (bytesRead === 0) throw new TypeError('a file of bulk data ended early');
    at += bytesRead;
  }
}
