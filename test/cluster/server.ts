import * as grpc from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { HEALTH_SERVICE, Health, type Serving } from '../../packages/backends/src/grpc/observe/health.ts';
import { Gate, type GateLimits } from '../../packages/backends/src/grpc/security/gate.ts';
import { serverCredentials, type TlsFiles } from '../../packages/backends/src/grpc/security/tls.ts';

/** A real gRPC server behind a gate, with the health service on it. */
export async function serve(options: {
  readonly tls?: TlsFiles;
  readonly mutual?: boolean;
  readonly limits?: Partial<GateLimits>;
  /** Whether calls prove who they are. */
  readonly admits?: boolean;
}) {
  const warnings: string[] = [];
  const { mutual = false, admits = true } = options;
  const credentials = serverCredentials(grpc, options.tls, {
    mutual,
    listen: '127.0.0.1:0',
    warn: (message) => warnings.push(message),
  });
  const seen: string[] = [];
  const server = new grpc.Server({
    interceptors: [
      (_method, call) => {
        seen.push(call.getPeer());
        if (admits) gate.admit(call.getPeer());
        return new grpc.ServerInterceptingCall(call);
      },
    ],
  });
  const health = new Health();
  health.addTo(grpc, server);
  const injector = server.createConnectionInjector(credentials.credentials);
  const gate = new Gate((socket) => injector.injectConnection(socket), options.limits);
  const port = await gate.listen('127.0.0.1', 0);
  onTestFinished(() => {
    gate.close();
    server.forceShutdown();
  });
  return { port, gate, health, credentials, warnings, seen };
}

const HealthClient = grpc.makeGenericClientConstructor(HEALTH_SERVICE, 'Health');

/** A client that ends with the test. */
export function healthClient(port: number, credentials: grpc.ChannelCredentials) {
  const client = new HealthClient(`127.0.0.1:${port}`, credentials, { 'grpc.enable_retries': 0 });
  onTestFinished(() => client.close());
  return client;
}

/** The answer of `Check`, or the text of the refusal. */
export function check(client: grpc.Client, service = ''): Promise<Serving | string> {
  const { path, requestSerialize, responseDeserialize } = HEALTH_SERVICE.check;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service },
      { deadline: Date.now() + 10_000 },
      (error, status) => resolve(error === null ? (status as Serving) : error.details),
    );
  });
}
