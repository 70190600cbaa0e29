import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type * as X509 from '@peculiar/x509';
import { OptionError } from '../../errors.ts';

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** For how long, and for whom. */
export interface CertificateRequest {
  /** The common name, for people. */
  readonly name: string;
  /** How many days it is valid. */
  readonly days: number;
  /** When it begins; now, unless given. */
  readonly from?: Date;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A certificate authority for development. Whoever has its key can make certificates that this cluster trusts. */
export async function makeAuthority(request: CertificateRequest): Promise<Identity> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...described(request),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return identity(cert, keys.privateKey);
}

/** A daemon's certificate, for the names and addresses that clients reach it by. */
export async function makeServerCertificate(
  authority: Identity,
  request: CertificateRequest & { readonly hosts: readonly string[] },
): Promise<Identity> {
  if (request.hosts.length === 0) throw new OptionError('A server certificate needs at least one host or address.');
  const x509 = await loadX509();
  const names = request.hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  return issue(x509, authority, request, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ]);
}

/** A client's certificate, for mutual TLS. */
export async function makeClientCertificate(authority: Identity, request: CertificateRequest): Promise<Identity> {
  const x509 = await loadX509();
  return issue(x509, authority, request, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]);
}

async function issue(
  x509: typeof X509,
  authority: Identity,
  request: CertificateRequest,
  extensions: readonly X509.Extension[],
): Promise<Identity> {
  const issuer = new x509.X509Certificate(authority.cert);
  const pkcs8 = createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { name: subject, ...rest } = described(request);
  const cert = await x509.X509CertificateGenerator.create({
    ...rest,
    subject,
    issuer: issuer.subject,
    signingKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...extensions,
    ],
  });
  return identity(cert, keys.privateKey);
}

function described({ name, days, from = new Date() }: CertificateRequest) {
  if (!(days > 0)) throw new OptionError(`The number of days must be above 0. Got ${days}.`);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40; // positive, without a leading zero
  return {
    serialNumber: serial.toString('hex'),
    name: [{ CN: [name] }],
    notBefore: new Date(from.getTime() - HOUR), // clocks of hosts differ
    notAfter: new Date(from.getTime() + days * DAY),
  };
}

async function identity(cert: X509.X509Certificate, key: webcrypto.CryptoKey): Promise<Identity> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const pem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { cert: `${cert.toString('pem').trim()}\n`, key: pem as string };
}

async function loadX509(): Promise<typeof X509> {
  try {
    await import('reflect-metadata'); // what @peculiar/x509 builds on expects it to be there
    return await import('@peculiar/x509');
  } catch (error) {
    throw new OptionError(
      `Certificates are made with @peculiar/x509, which cannot be loaded (${(error as Error).message}). Install it: npm install @peculiar/x509 reflect-metadata`,
      { cause: error },
    );
  }
}
