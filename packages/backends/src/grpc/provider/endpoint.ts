import { BEAT, type BeatCall } from '../liveness/beat-service.ts';
import { loadGrpc } from '../load.ts';
import { asIs, DIAL, servedCall, toBytes } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { Gate } from '../security/gate.ts';
import { isLoopback, splitAddress } from '../security/loopback.ts';
import { serverCredentials, type TlsFiles } from '../security/tls.ts';

export interface EndpointOptions {
  /** `host:port` that workers dial; port 0 is any that is free. */
  readonly advertise: string;
  readonly tls?: TlsFiles | undefined;
  /** Workers need a certificate of `tls.ca`. */
  readonly mutual?: boolean;
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
  const { advertise, tls, mutual = false, insecure = false, warn, onDial, onBeat } = options;
  const { host, port: asked = 0 } = splitAddress(advertise);
  const listen = isLoopback(advertise) ? `${bracketed(host)}:${asked}` : `[::]:${asked}`;
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
  const { credentials } = serverCredentials(grpc, tls, { listen, mutual, insecure, ...(warn && { warn }) });
  const injector = server.createConnectionInjector(credentials);
  const gate = new Gate((socket) => injector.injectConnection(socket)).unref();
  const bound = await gate.listen(splitAddress(listen).host, asked);
  return {
    address: `${bracketed(host)}:${bound}`,
    admit: (peer) => void gate.admit(peer),
    close: () => {
      gate.close();
      server.forceShutdown();
    },
  };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
