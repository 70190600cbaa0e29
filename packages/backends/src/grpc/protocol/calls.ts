import type { ClientDuplexStream, ServerDuplexStream } from '@grpc/grpc-js';
import type { ByteStream } from './duplex.ts';
import { NotAuthenticatedError } from './greet.ts';
import type { Outgoing } from './outgoing.ts';
import { widenWindow } from './widen-window.ts';

/** Names of the services that are dialled. */
export const WORK = '/jobloom.cluster.v1.Cluster/Work';
export const DIAL = '/jobloom.cluster.v1.Cluster/Dial';

/** Messages are bytes: the coder is ours. */
export const asIs = (message: Buffer): Buffer => message;
export const toBytes = (message: Outgoing): Buffer => message.toBytes();

const UNAUTHENTICATED = 16;
const ABORTED = 10;

/** A call that this end made. */
export function madeCall(call: ClientDuplexStream<Outgoing, Buffer>): ByteStream {
  return {
    write: (message) => call.write(message),
    onData: (listener) => call.on('data', listener),
    onDrain: (listener) => call.on('drain', listener),
    onEnd(listener) {
      call.on('error', listener);
      call.on('end', () => listener(new Error('the other end closed the stream')));
    },
    finish: () => call.end(),
    abort: () => call.cancel(),
  };
}

/** A call that this end answers. */
export function servedCall(call: ServerDuplexStream<Buffer, Outgoing>): ByteStream {
  return {
    write: (message) => call.write(message),
    onData: (listener) => call.on('data', listener),
    onDrain: (listener) => call.on('drain', listener),
    onEnd(listener) {
      call.on('error', listener);
      call.on('cancelled', () => listener(new Error('the other end is gone')));
      call.on('end', () => {
        listener(new Error('the other end closed the stream'));
        call.end();
      });
    },
    widen: () => widenWindow(call),
    finish: () => call.end(),
    abort(reason) {
      const code = reason instanceof NotAuthenticatedError ? UNAUTHENTICATED : ABORTED;
      call.emit('error', Object.assign(new Error(reason.message), { code, details: reason.message }));
    },
  };
}
