import { createServer } from 'node:net';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { connectionFault } from '../../packages/backends/src/grpc/client/connection-fault.ts';
import { asIs } from '../../packages/backends/src/grpc/protocol/calls.ts';
import { freePorts } from '../services/service.ts';

/** What a real call to this address fails with. */
function failureOf(address: string, deadlineMs: number, channel = credentials.createInsecure()): Promise<ServiceError> {
  const client = new Client(address, channel);
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + deadlineMs };
    client.makeUnaryRequest('/a.B/c', asIs, asIs, Buffer.alloc(0), options, (error) => {
      client.close();
      resolve(error as ServiceError);
    });
  });
}

test('nobody listens: refused', async () => {
  const [port] = await freePorts(1);
  expect(connectionFault(await failureOf(`127.0.0.1:${port}`, 10_000)).kind).toBe('refused');
});

test('a name that does not exist', async () => {
  expect(connectionFault(await failureOf('nowhere.invalid:7077', 10_000)).kind).toBe('unknown name');
});

test('somebody accepts and says nothing: no answer', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(connectionFault(await failureOf(`127.0.0.1:${port}`, 300)).kind).toBe('no answer');
  server.close();
});

test('a client that speaks TLS to a port that does not', async () => {
  const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const failure = await failureOf(`127.0.0.1:${port}`, 10_000, credentials.createSsl());
  expect(connectionFault(failure)).toMatchObject({
    kind: 'wrong certificate',
    text: expect.stringMatching(/plain text/),
  });
  server.close();
});

test.each([
  [16, 'no proof', 'wrong token'],
  [12, 'The server does not implement the method', 'no daemon'],
  [9, 'speaks protocol 9', 'other versions'],
  [14, 'No connection established. Last error: Error: certificate has expired', 'wrong certificate'],
  [14, 'Last error: Error: self-signed certificate in certificate chain', 'wrong certificate'],
  [14, "Hostname/IP does not match certificate's altnames: IP: 1.2.3.4", 'wrong certificate'],
  [14, 'something else', 'broken'],
])('status %i "%s": %s', (code, details, kind) => {
  expect(connectionFault({ code, details }).kind).toBe(kind);
});
