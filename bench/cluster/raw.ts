import * as grpc from '@grpc/grpc-js';
import { pack, unpack } from 'msgpackr';

const asIs = (message: Buffer): Buffer => message;

/** A bidirectional stream of grpc-js to each server, with nothing above it. */
export class RawStreams {
  readonly #clients: grpc.Client[];
  readonly #calls: grpc.ClientDuplexStream<Buffer, Buffer>[];
  #hear: (numbers: number[], from: number) => void = () => undefined;

  constructor(addresses: readonly string[]) {
    const options = { 'grpc-node.flow_control_window': 16 * 1024 * 1024, 'grpc.max_send_message_length': -1 };
    this.#clients = addresses.map((to) => new grpc.Client(to, grpc.credentials.createInsecure(), options));
    this.#calls = this.#clients.map((client, from) => {
      const call = client.makeBidiStreamRequest('/raw/Echo', asIs, asIs, new grpc.Metadata(), {});
      call.on('error', () => undefined); // it is cancelled at the end
      call.on('data', (message: Buffer) => this.#hear(unpack(message) as number[], from));
      return call;
    });
  }

  /** Sends numbers in messages of `size`, so many under way a server; gives the sum of the answers. */
  run(count: number, size: number, ahead: number): Promise<number> {
    let sent = 0;
    let heard = 0;
    let sum = 0;
    return new Promise((resolve) => {
      const send = (to: number): void => {
        if (sent >= count) return;
        const numbers = Array.from({ length: Math.min(size, count - sent) }, (_, at) => sent + at);
        sent += numbers.length;
        this.#calls[to]?.write(pack(numbers));
      };
      this.#hear = (numbers, from) => {
        for (const number of numbers) sum += number;
        heard += numbers.length;
        if (heard === count) resolve(sum);
        else send(from);
      };
      for (let turn = 0; turn < ahead; turn += 1) for (const to of this.#calls.keys()) send(to);
    });
  }

  /** Sends bytes to the first server in pieces of 1 MiB. */
  bulk(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#hear = () => resolve();
      const call = this.#calls[0] as grpc.ClientDuplexStream<Buffer, Buffer>;
      let at = 0;
      const push = (): void => {
        while (at < bytes.byteLength) {
          const more = call.write(bytes.subarray(at, at + 2 ** 20));
          at += 2 ** 20;
          if (!more) {
            call.once('drain', push);
            return;
          }
        }
      };
      push();
    });
  }

  close(): void {
    for (const call of this.#calls) call.cancel();
    for (const client of this.#clients) client.close();
  }
}
