import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';

/** A DNS server on the loopback interface that knows what it is told. */
export interface RunningDns {
  /** Addresses of a name, from now on; without any the name does not exist. */
  set(name: string, addresses: readonly string[]): void;
  /** Asks this server for IPv4 addresses. */
  resolve(name: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** Answers questions for A records, by RFC 1035. */
export async function startDns(): Promise<RunningDns> {
  const names = new Map<string, readonly string[]>();
  const server = createSocket('udp4');
  server.on('message', (question, peer) => server.send(answer(question, names), peer.port, peer.address));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return {
    set: (name, addresses) => void names.set(name, addresses),
    resolve: (name) => resolver.resolve4(name),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const NO_SUCH_NAME = 3;

function answer(question: Buffer, names: ReadonlyMap<string, readonly string[]>): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  const addresses = names.get(labels.join('.')) ?? [];
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (addresses.length === 0 ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, question.subarray(12, end), ...records]);
}
