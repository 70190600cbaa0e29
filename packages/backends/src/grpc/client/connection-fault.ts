import { JobloomError } from '@jobloom/codec';
import { ProtocolError } from '../../errors.ts';
import { NotAuthenticatedError } from '../protocol/greet.ts';

/** How it stands with a daemon that cannot be used. */
export interface ConnectionFault {
  readonly kind:
    | 'refused'
    | 'unknown name'
    | 'wrong certificate'
    | 'wrong token'
    | 'other versions'
    | 'no answer'
    | 'no daemon'
    | 'broken';
  /** For people: what happened and what to do. */
  readonly text: string;
}

/** What a stream ended with: a status of gRPC, or an error of ours. */
export interface CallFailure {
  readonly code?: number | undefined;
  readonly details?: string | undefined;
  readonly message?: string | undefined;
}

const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/** What OpenSSL, Node and HTTP/2 say, and what that means for whoever runs a cluster. */
const SAID: readonly (readonly [RegExp, ConnectionFault['kind'], string])[] = [
  [/ECONNREFUSED/, 'refused', 'refused the connection: does a worker daemon run there (npx jobloom worker)?'],
  [/Name resolution failed|ENOTFOUND|EAI_AGAIN/, 'unknown name', 'its name cannot be resolved'],
  [
    /expired|not yet valid|CERT_HAS_EXPIRED/,
    'wrong certificate',
    'its certificate is out of date: make a new one (npx jobloom certs)',
  ],
  [
    /altnames|does not match certificate/,
    'wrong certificate',
    'its certificate is for another name: give tls.serverName, or make one for this address (npx jobloom certs)',
  ],
  [
    /self.signed|unable to (verify|get)|issuer|UNABLE_TO|SELF_SIGNED/i,
    'wrong certificate',
    'its certificate is not signed by the CA of tls.ca',
  ],
  [
    /alert (number )?\d*.*(certificate|unknown ca)|certificate required|bad certificate|handshake failure/i,
    'wrong certificate',
    "it refuses this client's certificate: give tls.cert and tls.key that its CA has signed",
  ],
  [
    /wrong version number|packet length too long|Protocol error|ERR_HTTP2/i,
    'wrong certificate',
    'one end speaks TLS, the other plain text: give tls.ca if the daemon has --tls-cert',
  ],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|deadline|timed out/i, 'no answer', 'does not answer: is a firewall in between?'],
];

/** Says why a daemon cannot be used, in terms of what can be done about it. */
export function connectionFault(failure: CallFailure): ConnectionFault {
  const { code, details, message } = failure;
  const said = details ?? message ?? '';
  if (failure instanceof ProtocolError && /within \d+ ms/.test(said)) return { kind: 'no answer', text: said };
  if (failure instanceof NotAuthenticatedError)
    return { kind: 'wrong token', text: `${said}: both ends must have the same` };
  if (failure instanceof ProtocolError) return { kind: 'other versions', text: said };
  if (failure instanceof JobloomError) return { kind: 'broken', text: said };
  if (code === UNAUTHENTICATED)
    return { kind: 'wrong token', text: `refused the token: both ends must have the same one (${said})` };
  if (code === FAILED_PRECONDITION) return { kind: 'other versions', text: said };
  if (code === UNIMPLEMENTED) return { kind: 'no daemon', text: 'what answers there is no worker daemon of jobloom' };
  if (code === DEADLINE_EXCEEDED) return { kind: 'no answer', text: 'does not answer: is a firewall in between?' };
  for (const [pattern, kind, text] of SAID) if (pattern.test(said)) return { kind, text: `${text} (${core(said)})` };
  if (code === undefined && said !== '') return { kind: 'broken', text: said };
  return { kind: 'broken', text: said === '' ? 'the connection broke' : `the connection broke: ${said}` };
}

/** What Node said, without what grpc-js puts around it. */
function core(said: string): string {
  return /Last error: (?:Error: )?(.+?)(?:\. Resolution note.*)?$/s.exec(said)?.[1] ?? said;
}
