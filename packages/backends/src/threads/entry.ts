import type { MessagePort } from 'node:worker_threads';
import workerpool from 'workerpool';
import { Outbox } from '../bulk/outbox.ts';
import { markWorker } from '../registry.ts';
import { serve } from '../worker/serve.ts';
import { readPacket, sendPacket } from './port-channel.ts';

interface Invitation {
  readonly port: MessagePort;
  readonly place: Int32Array;
  readonly marks: boolean;
}

markWorker('thread');
workerpool.worker({
  serve({ port, place, marks }: Invitation): Promise<never> {
    const beforeExit = serve(
      {
        onPacket: (listener) => port.on('message', (raw) => listener(readPacket(raw))),
        send: (packet) => sendPacket(port, packet, true),
        flush: () => true, // a port has sent what it was given
      },
      {
        place,
        sharedMemory: true,
        marks,
        replaced: true,
        ownProcess: false,
        outbox: new Outbox(undefined, true),
      },
    );
    process.on('exit', beforeExit);
    return new Promise(() => undefined);
  },
});
