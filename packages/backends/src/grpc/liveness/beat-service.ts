import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type Beat, isGenuine, readBeat, writeBeat } from './beat.ts';

/** Name of the service for beats. */
export const BEAT = '/jobloom.cluster.v1.Cluster/Beat';

/** A session, as far as beats go. */
export interface BeatingSession {
  /** The session's key for beats. */
  readonly beatKey: Uint8Array;
  /** The client is there, also on the connection from `peer`. */
  heard(peer: string): void;
}

/** What the service needs of a call. */
export type BeatCall = Pick<ServerDuplexStream<Buffer, Buffer>, 'on' | 'write' | 'end' | 'emit' | 'getPeer'>;

const NOT_FOUND = 5;
const INVALID_ARGUMENT = 3;

/**
 * Answers beats, each one time. What is not genuine, or not newer than the last of its session, ends the call
 * unanswered; a session that is not known is said to be so, so that its client need not wait.
 * @param find the session with this id
 */
export function beatService(find: (sessionId: Buffer) => BeatingSession | undefined): (call: BeatCall) => void {
  const last = new WeakMap<BeatingSession, number>();
  const refuse = (call: BeatCall, code: number, details: string): void =>
    void call.emit('error', Object.assign(new Error(details), { code, details }));
  return (call) => {
    call.on('error', () => undefined); // the client is gone: silence tells
    call.on('end', () => call.end());
    call.on('data', (bytes: Buffer) => {
      const beat: Beat | undefined = readBeat(bytes);
      if (beat === undefined) return refuse(call, INVALID_ARGUMENT, 'this is no beat');
      const session = find(beat.session);
      if (session === undefined) return refuse(call, NOT_FOUND, 'no such session');
      const { beatKey } = session;
      if (!isGenuine(beatKey, 'client', beat) || beat.number <= (last.get(session) ?? 0))
        return refuse(call, INVALID_ARGUMENT, 'this beat is not genuine, or came before');
      last.set(session, beat.number);
      session.heard(call.getPeer());
      call.write(writeBeat(beatKey, 'daemon', beat.session, beat.number));
    });
  };
}
