import { randomBytes } from 'node:crypto';
import { ProtocolError } from '../../errors.ts';
import type { Token, Tokens } from '../security/tokens.ts';
import type { Duplex } from './duplex.ts';
import type { Envelope } from './envelope.ts';
import { isProof, NONCE_BYTES, proofOf, SESSION_BYTES, type Transcript } from './handshake.ts';
import { type About, readAbout } from './versions.ts';

/** The other end does not have the token. */
export class NotAuthenticatedError extends ProtocolError {}

/** What both ends know once they have greeted each other. */
export interface Greeting {
  /** Who the other end is. */
  readonly about: About;
  readonly token: Token;
  readonly transcript: Transcript;
}

export interface GreetOptions {
  readonly tokens: Tokens;
  /** What this end says of itself, once the other has proved who it is. */
  readonly about: About;
  /** Milliseconds until the handshake must be over. */
  readonly withinMs: number;
}

/**
 * The caller's half of the handshake. `done` runs as soon as it is over, and must listen to the stream then;
 * a handshake that fails ends the stream with the reason.
 */
export function greetDaemon(duplex: Duplex, options: GreetOptions, done: (greeting: Greeting) => void): void {
  const [token] = options.tokens.all() as readonly [Token];
  const callerNonce = randomBytes(NONCE_BYTES);
  const next = steps(duplex, options);
  duplex.send({ type: 'hello', nonce: callerNonce, keyId: Buffer.from(token.id, 'hex') });
  next('challenge', ({ nonce: daemonNonce, session, proof }) => {
    const transcript = copied({ callerNonce, daemonNonce, session });
    if (!isProof(proof, 'daemon', token, transcript))
      throw new NotAuthenticatedError('the daemon does not have the token of this caller');
    duplex.send({ type: 'proof', proof: proofOf('caller', token, transcript) });
    duplex.trust();
    next('about', ({ about: text }) => {
      const about = readAbout(text);
      introduce(duplex, options);
      done({ about, token, transcript });
    });
  });
}

/** The daemon's half; see `greetDaemon`. */
export function greetCaller(duplex: Duplex, options: GreetOptions, done: (greeting: Greeting) => void): void {
  const next = steps(duplex, options);
  next('hello', ({ nonce, keyId }) => {
    const token = options.tokens.byId(Buffer.from(keyId).toString('hex'));
    if (token === undefined) throw new NotAuthenticatedError('the caller has a token that is not known here');
    const daemonNonce = randomBytes(NONCE_BYTES);
    const transcript = copied({ callerNonce: nonce, daemonNonce, session: randomBytes(SESSION_BYTES) });
    const { session } = transcript;
    duplex.send({ type: 'challenge', nonce: daemonNonce, session, proof: proofOf('daemon', token, transcript) });
    next('proof', ({ proof }) => {
      if (!isProof(proof, 'caller', token, transcript))
        throw new NotAuthenticatedError('the caller does not have the token that it names');
      duplex.trust();
      introduce(duplex, options);
      next('about', ({ about: text }) => done({ about: readAbout(text), token, transcript }));
    });
  });
}

type Of<T extends Envelope['type']> = Extract<Envelope, { readonly type: T }>;
type Next = <T extends Envelope['type']>(type: T, act: (envelope: Of<T>) => void) => void;

/** One message after the other, each of the kind that is expected, within the time. */
function steps(duplex: Duplex, { withinMs }: GreetOptions): Next {
  const late = (): void => duplex.close(new NotAuthenticatedError(`no handshake within ${withinMs} ms`));
  const timer = setTimeout(late, withinMs).unref();
  duplex.onEnd(() => clearTimeout(timer));
  return (type, act) => {
    duplex.onEnvelope((envelope) => {
      if (envelope.type !== type)
        throw new NotAuthenticatedError(`a handshake that has ${envelope.type} in the place of ${type}`);
      if (type === 'about') clearTimeout(timer);
      act(envelope as never);
    });
  };
}

function introduce(duplex: Duplex, { about }: GreetOptions): void {
  duplex.send({ type: 'about', about: JSON.stringify(about) });
}

/** Views of messages would keep these alive. */
function copied({ callerNonce, daemonNonce, session }: Transcript): Transcript {
  return {
    callerNonce: Buffer.from(callerNonce),
    daemonNonce: Buffer.from(daemonNonce),
    session: Buffer.from(session),
  };
}
