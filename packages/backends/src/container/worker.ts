import { Socket } from 'node:net';
import { Outbox } from '../bulk/outbox.ts';
import type { HostMessage, Packet, WorkerMessage } from '../pool/messages.ts';
import { SocketChannel, writeAtOnce } from '../processes/socket-channel.ts';
import { markWorker } from '../registry.ts';
import { serve } from '../worker/serve.ts';
import { tellBeforeDeath } from '../worker/tell-before-death.ts';
import { watchParent } from '../worker/watch-parent.ts';

// The process in a container that runs tasks. Packets come by descriptor 3 and go by 4.
const input = new Socket({ fd: 3, readable: true, writable: false });
const output = new Socket({ fd: 4, readable: false, writable: true });
for (const end of [input, output]) end.once('close', () => process.exit(0)); // the caller is gone, or has done with this worker
input.on('error', () => undefined);
writeAtOnce(output);

markWorker('process');
let deliver: (packet: Packet<HostMessage>) => void = () => undefined;
const channel = new SocketChannel<WorkerMessage, HostMessage>(output, (packet) => deliver(packet), { source: input });
const beforeExit = serve(
  {
    onPacket: (listener) => {
      deliver = listener;
    },
    send: (packet) => channel.send(packet),
    flush: () => channel.flush(),
  },
  {
    place: new Int32Array(2),
    sharedMemory: false,
    marks: true,
    replaced: true,
    ownProcess: true,
    outbox: new Outbox(),
  },
);
process.on('exit', beforeExit);
tellBeforeDeath(beforeExit);
if (process.ppid !== 1) watchParent(process.ppid); // a container ends with its first process; on a platform without containers, nothing does
