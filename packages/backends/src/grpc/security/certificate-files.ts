import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { OptionError } from '../../errors.ts';

/** Certificates and a key, each a path or PEM. */
export interface TlsFiles {
  /** Whom to trust: certificates of authorities. Without it, those that Node trusts. */
  readonly ca?: string | Uint8Array;
  /** This end's certificate, with those between it and the authority behind it. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name that a daemon's certificate must have, where it is not the host of its address. */
  readonly serverName?: string;
}

/** What was read, checked to belong together. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly identity?: { readonly cert: Buffer; readonly key: Buffer };
  /** For people: what is wrong or soon will be with what is otherwise usable. */
  readonly warnings: readonly string[];
}

const DAY = 86_400_000;
const WARN_DAYS = 14;

/** Reads what the files hold. @throws OptionError when one cannot be used, or key and certificate do not belong together */
export function readTlsFiles(tls: TlsFiles, now: number = Date.now()): TlsMaterial {
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new OptionError(
      `TLS has a ${tls.cert === undefined ? 'key but no certificate' : 'certificate but no key'}. Give both.`,
    );
  const ca = tls.ca === undefined ? undefined : read(tls.ca, 'CA');
  const warnings = ca === undefined ? [] : lifeWarnings('the CA', certificates(ca, 'CA'), now);
  if (tls.cert === undefined || tls.key === undefined) return { ...(ca && { ca }), warnings };
  const cert = read(tls.cert, 'certificate');
  expectPrivate(tls.key);
  const key = read(tls.key, 'key');
  const chain = certificates(cert, 'certificate');
  if (!chain[0]?.checkPrivateKey(privateKey(key)))
    throw new OptionError(
      `The TLS key ${label(tls.key)} does not belong to the certificate ${label(tls.cert)}. Give the two that were made together.`,
    );
  return {
    ...(ca && { ca }),
    identity: { cert, key },
    warnings: [...warnings, ...lifeWarnings('the certificate', chain, now)],
  };
}

/** What is to be said of certificates that ended, have not begun, or end within two weeks. */
export function lifeWarnings(
  what: string,
  chain: readonly Pick<X509Certificate, 'validFrom' | 'validTo' | 'subject'>[],
  now: number,
): string[] {
  return chain.flatMap(({ validFrom, validTo, subject }) => {
    const name = `${what} ${subject.replaceAll('\n', ', ')}`;
    const left = Date.parse(validTo) - now;
    if (left <= 0) return [`${name} expired on ${validTo}: it will be refused. Renew it, then send SIGHUP.`];
    if (Date.parse(validFrom) > now) return [`${name} is not valid before ${validFrom}. Is the clock right?`];
    if (left < WARN_DAYS * DAY)
      return [`${name} expires in ${Math.floor(left / DAY)} days, on ${validTo}. Renew it, then send SIGHUP.`];
    return [];
  });
}

function certificates(pem: Buffer, what: string): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new OptionError(`The TLS ${what} holds no certificate in PEM form.`);
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new OptionError(`The TLS ${what} cannot be read as a certificate: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

function privateKey(pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new OptionError(`The TLS key cannot be read: ${(error as Error).message}. Give it as PEM, not encrypted.`, {
      cause: error,
    });
  }
}

function read(source: string | Uint8Array, what: string): Buffer {
  if (typeof source !== 'string') return Buffer.from(source);
  if (isPem(source)) return Buffer.from(source);
  try {
    return readFileSync(source);
  } catch (error) {
    throw new OptionError(`The TLS ${what} ${source} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A group may read a key, as groups for certificates do; everybody may not. */
function expectPrivate(key: string | Uint8Array): void {
  if (typeof key !== 'string' || isPem(key) || process.getuid === undefined) return;
  const mode = statSync(key, { throwIfNoEntry: false })?.mode ?? 0;
  if (mode & 0o007) throw new OptionError(`The TLS key ${key} can be read by everybody. Close it: chmod 600 ${key}`);
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

function label(source: string | Uint8Array): string {
  return typeof source === 'string' && !isPem(source) ? source : '(given as PEM)';
}
