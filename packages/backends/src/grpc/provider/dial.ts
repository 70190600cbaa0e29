import { Daemon } from '../daemon/daemon.ts';
import { loadGrpc } from '../load.ts';
import { asIs, DIAL, madeCall, toBytes } from '../protocol/calls.ts';
import { duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { clientCredentials } from '../security/tls.ts';
import { tokensOf } from '../security/tokens.ts';
import type { Invitation } from './provider.ts';

/** The label by which a worker that dials back says which one it is. */
export const WORKER_LABEL = 'jobloom.worker';

/** What a worker that dials back runs. */
export interface DialOptions {
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
  /** Without `ca`, plain text goes to this machine only, unless it is allowed here. */
  readonly insecure?: boolean;
}

/** Dials a caller and works for it. Resolves with the reason when that is over, and all that ran for it has ended. */
export async function dial(invitation: Invitation, { jobs, kind, insecure = false }: DialOptions): Promise<Error> {
  const { worker, address, token, ca } = invitation;
  const grpc = loadGrpc();
  const tls = ca === undefined ? undefined : { ca };
  const client = new grpc.Client(address, clientCredentials(grpc, tls, address, { insecure }), {
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': -1,
  });
  const daemon = new Daemon({ jobs, kind, tokens: tokensOf([token]), labels: { [WORKER_LABEL]: worker } });
  const duplex = duplexOver(madeCall(client.makeBidiStreamRequest(DIAL, toBytes, asIs)), address);
  const over = new Promise<Error>((resolve) => duplex.onEnd(resolve));
  daemon.serve(duplex);
  const reason = await over;
  await daemon.close();
  client.close();
  return reason;
}
