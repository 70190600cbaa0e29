// The other end of the raw stream: a grpc-js server that answers 10 * x ** 2 for each number of a message.
import * as grpc from '@grpc/grpc-js';
import { pack, unpack } from 'msgpackr';

const asIs = (message: Buffer): Buffer => message;
const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
const answer = (call: grpc.ServerDuplexStream<Buffer, Buffer>): void => {
  let bytes = 0;
  call.on('data', (message: Buffer) => {
    if (message.byteLength < 100_000) {
      call.write(pack((unpack(message) as number[]).map((x) => 10 * x ** 2)));
      return;
    }
    bytes += message.byteLength;
    if (bytes >= 64 * 2 ** 20) {
      call.write(pack([bytes]));
      bytes = 0;
    }
  });
  call.on('end', () => call.end());
};
server.register('/raw/Echo', answer, asIs, asIs, 'bidi');
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, port) =>
  console.log(`listening on 127.0.0.1:${port},`),
);
