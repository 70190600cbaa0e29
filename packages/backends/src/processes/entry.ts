import { connect } from 'node:net';
import workerpool from 'workerpool';
import { Outbox } from '../bulk/outbox.ts';
import type { HostMessage, Packet, WorkerMessage } from '../pool/messages.ts';
import { markWorker } from '../registry.ts';
import { serve } from '../worker/serve.ts';
import { tellBeforeDeath } from '../worker/tell-before-death.ts';
import { watchParent } from '../worker/watch-parent.ts';
import { OUTLIVES_TERM } from './outlives-term.ts';
import { SocketChannel, writeAtOnce } from './socket-channel.ts';

// Ctrl-C reaches the whole process group: what it ends is the caller's program, and the workers with that.
process.on('SIGINT', () => undefined);
if (process.env[OUTLIVES_TERM] !== undefined) process.on('SIGTERM', () => undefined);

// The caller may end while this process starts: nothing to tell anybody then.
process.once('disconnect', () => process.exit(0));
process.on('error', () => process.exit(0));

interface Invitation {
  readonly path: string;
  readonly key: string;
  readonly parent: number;
  /** Name of the folder for files with large results. */
  readonly folder: string;
}

markWorker('process');
workerpool.worker({
  serve({ path, key, parent, folder }: Invitation): Promise<never> {
    const outbox = new Outbox(folder);
    const socket = connect(path);
    socket.write(Buffer.from(key, 'hex'));
    socket.once('connect', () => writeAtOnce(socket));
    let deliver: (packet: Packet<HostMessage>) => void = () => undefined;
    const channel = new SocketChannel<WorkerMessage, HostMessage>(socket, (packet) => deliver(packet));
    socket.once('close', () => process.exit(0)); // the caller is gone, or has done with this worker
    const beforeExit = serve(
      {
        onPacket: (listener) => {
          deliver = listener;
        },
        send: (packet) => channel.send(packet),
        flush: () => channel.flush(),
      },
      { place: new Int32Array(2), sharedMemory: false, marks: true, replaced: true, ownProcess: true, outbox },
    );
    process.on('exit', beforeExit);
    process.on('exit', () => outbox.close());
    tellBeforeDeath(beforeExit);
    watchParent(parent);
    return new Promise(() => undefined);
  },
});
