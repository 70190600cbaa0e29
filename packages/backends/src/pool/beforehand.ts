import { heldIn, readHeld } from '../bulk/inbox.ts';
import { bare, type FrameRef, modulesIn, type Packet, type WorkerMessage } from './messages.ts';
import type { Seat } from './seat.ts';
import type { Submissions } from './submissions.ts';

/**
 * What must be done before a message can be handled: its bulk data is read, which begins at once, and packages that its
 * outcomes need are loaded, in turn. Undefined where there is nothing to do and nothing before it waits.
 */
export function beforehand(
  seat: Seat,
  packet: Packet<WorkerMessage>,
  submissions: Submissions,
): (() => Promise<void>) | undefined {
  const { message } = packet;
  const modules = message.type === 'outcomes' ? modulesIn(message.segments) : [];
  const held = heldIn(message);
  if (seat.loading === undefined && modules.length === 0 && held.length === 0) return undefined;
  const reading = held.length > 0 ? read(seat, packet, held, submissions) : undefined;
  return async () => {
    await reading;
    if (message.type !== 'outcomes' || modules.length === 0) return;
    await submissions
      .get(message.unit)
      ?.batch.scope.session.load(modules)
      .catch((error: unknown) => submissions.break(message.unit, error));
  };
}

/** Brings what an answer has in files. */
async function read(
  seat: Seat,
  packet: Packet<WorkerMessage>,
  held: readonly FrameRef[],
  submissions: Submissions,
): Promise<void> {
  try {
    const names = await readHeld(packet, held);
    seat.link.send(bare({ type: 'taken', names }));
  } catch (error) {
    if (packet.message.type === 'outcomes') submissions.break(packet.message.unit, error);
  }
}
