import { describeExit, type WorkerExit } from '../../errors.ts';
import type { HostMessage, Packet, WorkerMessage } from '../../pool/messages.ts';
import { activeTracing, type OpenSpan } from '../../task/tracing.ts';

interface Open {
  readonly span: OpenSpan;
  failed: number;
}

/** The spans of what one worker runs, below those of its caller. Nothing happens where the caller or this daemon records none. */
export class UnitSpans {
  readonly #open = new Map<number, Open>();

  /** What the worker is to be told: spans that its tasks make go below the span that begins now. */
  begin(packet: Packet<HostMessage>): Packet<HostMessage> {
    const { message } = packet;
    if (message.type !== 'run' || message.trace === undefined) return packet;
    const { unit, from, to, first } = message;
    const span = activeTracing()?.daemon(message.trace, { 'jobloom.tasks': to - from, 'jobloom.first': first + from });
    if (span === undefined) return packet;
    this.#open.set(unit, { span, failed: 0 });
    return { ...packet, message: { ...message, trace: span.context } };
  }

  /** The worker has said this. */
  hear(message: WorkerMessage): void {
    if (this.#open.size === 0 || message.type !== 'outcomes') return;
    const open = this.#open.get(message.unit);
    if (open === undefined) return;
    for (const segment of message.segments) if (segment.kind === 'failed') open.failed += segment.count;
    if (!message.end) return;
    this.#open.delete(message.unit);
    open.span.end(open.failed === 0 ? undefined : new Error(`${open.failed} tasks failed`));
  }

  /** The worker has ended. */
  exited(exit: WorkerExit): void {
    for (const { span } of this.#open.values()) span.end(new Error(`its worker ${describeExit(exit)}`));
    this.#open.clear();
  }
}
