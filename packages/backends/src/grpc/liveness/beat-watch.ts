import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import { loadGrpc } from '../load.ts';
import { asIs } from '../protocol/calls.ts';
import { clientCredentials } from '../security/tls.ts';
import { isGenuine, readBeat, writeBeat } from './beat.ts';
import { BEAT } from './beat-service.ts';
import type { BeatPeer } from './liveness.ts';
import { Silence } from './silence.ts';

/** So many beats go out within the time after which silence counts. */
const BEATS = 5;
/** So many times lostAfter may pass until the first answer. */
const FIRST = 5;
const NOT_FOUND = 5;

/**
 * Beats to one daemon on a connection of its own, and hears its answers. A call that fails is made again with the
 * next beat: only silence counts, or the daemon's word that it does not know the session.
 */
export class BeatWatch {
  readonly #peer: BeatPeer;
  readonly #heard: Float64Array;
  readonly #lose: (why: string) => void;
  readonly #client: Client;
  readonly #silence: Silence;
  readonly #timer: NodeJS.Timeout;
  #call: ClientDuplexStream<Buffer, Buffer> | undefined;
  #sent = 0;
  #answered = 0;
  #fault = '';
  #unknown = false;
  #over = false;

  constructor(peer: BeatPeer, heard: Float64Array, lose: (why: string) => void) {
    this.#peer = peer;
    this.#heard = heard;
    this.#lose = lose;
    const grpc = loadGrpc();
    const { address, tls } = peer;
    const credentials = clientCredentials(grpc, tls, address, { insecure: true }); // the session came about by the same way
    this.#client = new grpc.Client(address, credentials, {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      'grpc.use_local_subchannel_pool': 1,
    });
    const everyMs = peer.everyMs ?? peer.lostAfterMs / BEATS;
    this.#silence = new Silence(everyMs, performance.now());
    this.#timer = setInterval(() => setImmediate(() => this.#look()), everyMs); // what has arrived is read before silence is counted
    this.#beat();
  }

  stop(): void {
    this.#over = true;
    clearInterval(this.#timer);
    this.#call?.cancel();
    this.#client.close();
  }

  #look(): void {
    if (this.#over) return;
    const silentMs = this.#silence.look(performance.now());
    const { lostAfterMs } = this.#peer;
    const patienceMs = this.#answered > 0 ? lostAfterMs : lostAfterMs * FIRST; // its own connection takes time, more when many come at once
    if (silentMs < patienceMs) return this.#beat();
    this.#end(`it has not answered for ${patienceMs} ms (lostAfter)${this.#fault}`);
  }

  #beat(): void {
    this.#call ??= this.#open();
    this.#sent += 1;
    this.#call.write(writeBeat(this.#peer.key, 'client', this.#peer.sessionId, this.#sent));
  }

  #open(): ClientDuplexStream<Buffer, Buffer> {
    const call = this.#client.makeBidiStreamRequest<Buffer, Buffer>(BEAT, asIs, asIs);
    call.on('data', (bytes: Buffer) => this.#answer(bytes));
    call.on('error', ({ code, details }: Error & { code?: number; details?: string }) => {
      if (this.#call === call) this.#call = undefined;
      if (this.#over) return;
      this.#fault = `; the last attempt gave: ${details ?? `code ${code}`}`;
      if (code !== NOT_FOUND) return;
      if (this.#unknown) this.#end('it does not know this session any more: it was restarted, or ended the session');
      this.#unknown = true; // the session's own stream may say more: it has until the next beat
    });
    call.on('end', () => {
      if (this.#call === call) this.#call = undefined;
    });
    return call;
  }

  #answer(bytes: Buffer): void {
    const beat = readBeat(bytes);
    if (beat === undefined || beat.number <= this.#answered || beat.number > this.#sent) return;
    if (!isGenuine(this.#peer.key, 'daemon', beat) || !beat.session.equals(this.#peer.sessionId)) return;
    this.#answered = beat.number;
    this.#fault = '';
    this.#silence.heard();
    this.#heard[0] = performance.now();
  }

  #end(why: string): void {
    this.stop();
    this.#lose(why);
  }
}
