import { type Lease, openStore, type Store } from '@jobloom/stores';
import { countOf } from '../outcome-reader.ts';
import type { HostMessage, Packet, RunMessage, WorkerMessage } from '../pool/messages.ts';
import { bare } from '../pool/messages.ts';
import { PacketReader, packetToBytes } from '../pool/wire.ts';
import { GRACE_MS } from '../task/settings.ts';
import {
  type AnswerHead,
  aliveKey,
  answerKey,
  type JobTicket,
  LEASE_MS,
  type Manifest,
  manifestKey,
  pieceKey,
  trying,
} from './job-places.ts';
import { seal, sha256, unseal } from './sealed.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** Answers are stored in parts of about this size. */
const PART_BYTES = 16 * 1024 * 1024;

/** Runs the job that a ticket is for, in a worker process of its own, and stores what became of it. */
export async function runJob(text: string): Promise<void> {
  const ticket = JSON.parse(text) as JobTicket;
  const store = openStore(ticket.location);
  const packets = await load(store, ticket);
  const worker = startWorkerProcess('pipe');
  const leave = (code: number): void => {
    worker.kill();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => leave(143));
  const watch = whenCallerIsGone(store, ticket, () => leave(1));
  const { written, over } = hear(worker, packets);
  for (const bytes of packets.flatMap(packetToBytes)) worker.input.write(bytes);
  const end = await Promise.race([over, worker.ended]);
  worker.kill();
  clearInterval(watch);
  const { exit, memory } = end === undefined ? { exit: null } : { exit: end, memory: end.memory };
  const parts = joined(written);
  const body: AnswerHead = {
    pieces: parts.map(sha256),
    exit: exit && { code: exit.code, signal: exit.signal },
    ...(memory && { memory }),
  };
  const key = answerKey(ticket.run, ticket.token);
  await trying(() => store.put(key, { head: seal(ticket.key, key, JSON.stringify(body)), parts }));
  await store.close();
  process.exit(0);
}

/** What the job is to do. @throws Error when it is not what the caller stored, or too late */
async function load(store: Store, { run, token, key }: JobTicket): Promise<Packet<HostMessage>[]> {
  const name = manifestKey(run, token);
  const entry = await trying(() => store.get(name));
  if (entry === undefined) throw new Error(`there is no job ${name} in ${store.name}: its caller has taken it back`);
  const { pieces, expires, maxBytes } = JSON.parse(unseal(key, name, entry.head)) as Manifest;
  if (Date.now() > expires) throw new Error(`job ${name} has expired`);
  const packets: Packet<HostMessage>[] = [];
  const reader = new PacketReader((packet) => packets.push(packet));
  let left = maxBytes;
  for (const hash of pieces) {
    const piece = (await trying(() => store.get(pieceKey(run, hash))))?.parts[0];
    if (piece === undefined || sha256(piece) !== hash)
      throw new Error(`piece ${hash} of ${name} is not what was signed`);
    left -= piece.byteLength;
    if (left < 0) throw new Error(`job ${name} is larger than ${maxBytes} bytes`);
    reader.push(piece);
  }
  if (!reader.idle) throw new Error(`job ${name} was cut off`);
  return packets;
}

/** Collects what the worker says, and ends it when a task does not come to its end in time. */
function hear(worker: WorkerProcess, packets: readonly Packet<HostMessage>[]) {
  const run = packets.map(({ message }) => message).find((message): message is RunMessage => message.type === 'run');
  if (run === undefined) throw new Error('the job holds no work');
  const { timeout, graceMs = GRACE_MS } = run.settings ?? {};
  const written: Uint8Array[] = [];
  const timers = new Map<number, NodeJS.Timeout>();
  let late: number | undefined;
  const overdue = (position: number): void => {
    late ??= position;
    worker.kill();
  };
  const over = new Promise<undefined>((resolve) => {
    const reader = new PacketReader((packet: Packet<WorkerMessage>) => {
      const { message } = packet;
      written.push(...packetToBytes(packet));
      if (message.type === 'mark' && message.unit === run.unit && timeout !== undefined)
        timers.set(message.upTo - 1, setTimeout(overdue, timeout + graceMs, message.upTo - 1));
      if (message.type !== 'outcomes') return;
      let at = message.from;
      for (const segment of message.segments)
        for (let left = countOf(segment, packet); left > 0; left -= 1) clearTimeout(timers.get(at++));
      if (message.end) resolve(undefined);
    });
    worker.output?.on('data', (chunk: Buffer) => reader.push(chunk));
  });
  const ended = worker.ended;
  void ended.then(() => {
    if (late === undefined) return;
    const { unit, to } = run;
    const segments = [{ kind: 'none', count: 1, why: 'timeout' }] as const;
    const end = late + 1 === to;
    written.push(...packetToBytes(bare({ type: 'outcomes', unit, from: late, segments, ms: timeout ?? 0, end })));
    if (!end) written.push(...packetToBytes(bare({ type: 'mark', unit, upTo: late + 1 })));
  });
  return { written, over };
}

/** The caller holds a lease as long as it lives: whoever gets it knows that it is gone. */
function whenCallerIsGone(store: Store, { run }: JobTicket, leave: () => void): NodeJS.Timeout | undefined {
  if (store.lease === undefined || !store.capabilities.leases) return undefined;
  return setInterval(async () => {
    const lease: Lease | undefined = await store.lease?.(aliveKey(run), { ttlMs: LEASE_MS }).catch(() => undefined);
    if (lease === undefined) return;
    await lease.release();
    console.error('jobloom: the caller of this job is gone');
    leave();
  }, LEASE_MS / 3);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let some: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    some.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < PART_BYTES) continue;
    parts.push(Buffer.concat(some));
    some = [];
    bytes = 0;
  }
  if (some.length > 0) parts.push(Buffer.concat(some));
  return parts;
}
