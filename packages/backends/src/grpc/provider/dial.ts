import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupMemory } from '../../container/cgroup-memory.ts';
import { Daemon } from '../daemon/daemon.ts';
import { Liveness } from '../liveness/liveness.ts';
import { loadGrpc } from '../load.ts';
import { asIs, DIAL, madeCall, toBytes } from '../protocol/calls.ts';
import { duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { derivedKey } from '../protocol/handshake.ts';
import { clientCredentials } from '../security/tls.ts';
import { tokensOf } from '../security/tokens.ts';
import type { Invitation } from './provider.ts';

/** The label by which a worker that dials back says which one it is. */
export const WORKER_LABEL = 'jobloom.worker';

/** Beats within the time after which silence counts. */
const BEATS = 5;

/** Until the caller has confirmed the end of the stream. */
const LAST_WORDS_MS = 5_000;

/** Part of the memory of a control group that is used. */
const MEMORY_SHARE = 0.9;

/** What a worker that dials back runs. */
export interface DialOptions {
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
  /** Without `ca`, plain text goes to this machine only, unless it is allowed here. */
  readonly insecure?: boolean;
  /** When it aborts, running tasks come to their end, the others go back to the caller, and the worker ends. */
  readonly signal?: AbortSignal;
}

/** Dials a caller and works for it. Resolves with the reason when that is over, and all that ran for it has ended. */
export async function dial(invitation: Invitation, options: DialOptions): Promise<Error> {
  const { worker, address, token, ca, cert, key } = invitation;
  const { jobs, kind, insecure = false, signal } = options;
  const grpc = loadGrpc();
  const tls = ca === undefined ? undefined : { ca, ...(cert !== undefined && key !== undefined && { cert, key }) };
  const client = new grpc.Client(address, clientCredentials(grpc, tls, address, { insecure }), {
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': -1,
  });
  const limits = memoryLimits();
  const daemon = new Daemon({ jobs, kind, tokens: tokensOf([token]), labels: { [WORKER_LABEL]: worker }, limits });
  const call = client.makeBidiStreamRequest(DIAL, toBytes, asIs);
  const told = new Promise((resolve) => call.once('status', resolve));
  const duplex = duplexOver(madeCall(call), address);
  const over = new Promise<Error>((resolve) => duplex.onEnd(resolve));
  daemon.serve(duplex, {
    watch({ about, token: proved, transcript }, lostAfterMs) {
      const everyMs = Math.min(lostAfterMs, about.lostAfterMs ?? lostAfterMs) / BEATS;
      const key = derivedKey('beat', proved, transcript);
      const peer = { address, tls, sessionId: transcript.session, key, lostAfterMs, everyMs };
      const timer = setTimeout(() => {
        const watched = new Liveness().add(peer, (why) => duplex.close(new Error(why)));
        duplex.onEnd(() => watched.remove());
      }, everyMs); // the helper thread starts once the worker has
      duplex.onEnd(() => clearTimeout(timer));
    },
  });
  const leave = (): void => {
    if (daemon.sessions.size === 0) duplex.close(new Error('it was told to leave'));
    else void daemon.drain();
  };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  const reason = await over;
  signal?.removeEventListener('abort', leave);
  await daemon.close();
  await Promise.race([told, sleep(LAST_WORDS_MS)]); // the caller has all that was said
  client.close();
  return reason;
}

/** In a control group with a limit, this process and its workers are held to a bit less, so that the kernel need not end one. */
function memoryLimits(): { memoryBytes?: number } {
  const limit = cgroupMemory()?.limit ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(limit) ? { memoryBytes: Math.floor(limit * MEMORY_SHARE) } : {};
}
