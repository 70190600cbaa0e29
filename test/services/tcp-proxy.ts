import { connect, createServer, type Socket } from 'node:net';

/** What a connection goes through. */
export interface TcpProxy {
  readonly port: number;
  /** Ends all connections by a reset, and those that come, until `heal`. */
  reset(): void;
  /** From here on nothing passes, in either direction or in one, and nobody is told. */
  stall(direction?: 'to the client' | 'to the server'): void;
  /** What passes takes so many milliseconds longer, each way. */
  delay(ms: number): void;
  /** Resets a connection once this many bytes of answers have passed. */
  resetAfter(bytes: number): void;
  /** New connections pass again. */
  heal(): void;
  close(): Promise<void>;
}

/** A TCP proxy on the loopback interface that can fail as networks do. */
export async function startProxy(target: number): Promise<TcpProxy> {
  let mode: 'pass' | 'reset' | 'stall' = 'pass';
  let stalled: 'to the client' | 'to the server' | undefined;
  let delayMs = 0;
  const drops = (direction: typeof stalled): boolean => mode === 'stall' && (stalled ?? direction) === direction;
  const pass = (chunk: Buffer, to: Socket): void => {
    if (delayMs === 0) to.write(chunk);
    else setTimeout(() => to.write(chunk), delayMs);
  };
  let limit = Number.POSITIVE_INFINITY;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (mode === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    let passed = 0;
    upstream.on('data', (chunk) => {
      passed += chunk.length;
      if (drops('to the client')) return;
      pass(chunk, client);
      if (passed > limit) client.resetAndDestroy();
    });
    client.on('data', (chunk) => {
      if (!drops('to the server')) pass(chunk, upstream);
    });
    client.on('end', () => mode === 'stall' || upstream.end());
    upstream.on('end', () => mode === 'stall' || client.end());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => mode === 'stall' || client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    reset() {
      mode = 'reset';
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stall(direction) {
      mode = 'stall';
      stalled = direction;
    },
    delay(ms) {
      delayMs = ms;
    },
    resetAfter(bytes) {
      limit = bytes;
    },
    heal() {
      mode = 'pass';
      limit = Number.POSITIVE_INFINITY;
      delayMs = 0;
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
