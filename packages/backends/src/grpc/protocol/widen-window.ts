import type { ServerHttp2Stream } from 'node:http2';

/** Bytes that may be on their way to an end that was dialled. The 64 KiB of the standard halve the rate of large arguments; much more costs fresh memory. */
const WINDOW = 4 * 1024 * 1024;

/** What grpc-js keeps of a call that it answers: it has an option for the window of who dials alone. */
interface Inner {
  readonly stream?: ServerHttp2Stream;
  readonly nextCall?: Inner;
}

/** Lets more come at once on the connection of a call. Where grpc-js has its stream elsewhere, the standard's stays. */
export function widenWindow(call: object): void {
  const { call: outer } = call as { readonly call?: Inner };
  const session = (outer?.stream ?? outer?.nextCall?.stream)?.session;
  if (session === undefined || session.destroyed) return;
  session.setLocalWindowSize(WINDOW);
  session.settings({ initialWindowSize: WINDOW });
}
