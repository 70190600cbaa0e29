import type { Envelope } from './envelope.ts';

/** A stream of envelopes both ways, whoever dialled. */
export interface Duplex {
  /** `host:port` of the other end, for messages. */
  readonly peer: string;
  /** In order. What is sent within a turn of the event loop goes in one message. Nothing is sent after `close`. */
  send(envelope: Envelope): void;
  onEnvelope(listener: (envelope: Envelope) => void): void;
  /** Hears once of the end, however it came. */
  onEnd(listener: (reason: Error) => void): void;
  close(reason?: Error): void;
}
