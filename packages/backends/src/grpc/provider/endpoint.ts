import { parseAddress } from '../discovery/static.ts';
import { BEAT, type BeatCall } from '../liveness/beat-service.ts';
import { loadGrpc } from '../load.ts';
import { asIs, DIAL, servedCall, toBytes } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { Gate } from '../security/gate.ts';
import { isLoopback, splitAddress } from '../security/loopback.ts';
import { serverCredentials, type TlsFiles } from '../security/tls.ts';

export interface EndpointOptions {
  /** `host:port` that workers dial; this machine alone, at any free port, where it is left out. */
  readonly advertise?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly insecure?: boolean | undefined;
  readonly warn?: (message: string) => void;
  /** A worker has dialled. Nobody has proved anything yet. */
  readonly onDial: (duplex: Duplex) => void;
  /** Answers beats. */
  readonly onBeat: (call: BeatCall) => void;
}

/** Where workers that were launched dial back to. */
export interface Endpoint {
  /** What they are told. */
  readonly address: string;
  /** The connection from `peer` has proved who it is: it may stay. */
  admit(peer: string): void;
  close(): void;
}

/** Hears workers from now on. @throws OptionError | Error when it cannot listen there */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { advertise = '127.0.0.1:0', tls, insecure = false, warn, onDial, onBeat } = options;
  const listen =
    advertise === '127.0.0.1:0' || isLoopback(advertise) ? advertise : `[::]:${parseAddress(advertise).port}`;
  const grpc = loadGrpc();
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': -1,
  });
  server.register(
    DIAL,
    ((call: Parameters<typeof servedCall>[0]) => onDial(duplexOver(servedCall(call), call.getPeer()))) as never,
    toBytes,
    asIs,
    'bidi',
  );
  server.register(BEAT, onBeat as never, asIs, asIs, 'bidi');
  const { credentials } = serverCredentials(grpc, tls, { listen, insecure, ...(warn && { warn }) });
  const injector = server.createConnectionInjector(credentials);
  const gate = new Gate((socket) => injector.injectConnection(socket)).unref();
  const { host, port = 0 } = splitAddress(listen);
  const bound = await gate.listen(host, port);
  return {
    address: advertise === '127.0.0.1:0' ? `127.0.0.1:${bound}` : advertise,
    admit: (peer) => void gate.admit(peer),
    close: () => {
      gate.close();
      server.forceShutdown();
    },
  };
}
