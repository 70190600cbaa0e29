import { checkServerIdentity } from 'node:tls';
import type * as Grpc from '@grpc/grpc-js';
import { OptionError } from '../../errors.ts';
import { readTlsFiles, type TlsFiles, type TlsMaterial } from './certificate-files.ts';
import { isLoopback } from './loopback.ts';

export type { TlsFiles } from './certificate-files.ts';

/** How plain text is dealt with. */
export interface PlainText {
  /** Allows it to other machines too. */
  readonly insecure?: boolean;
  /** Is told what people should know. */
  readonly warn?: (message: string) => void;
}

/** Credentials of a daemon whose files can be read again. */
export interface ReloadableServerCredentials {
  readonly credentials: Grpc.ServerCredentials;
  /**
   * Reads the files again, for the connections to come; those that are open go on.
   * @throws OptionError when they cannot be used; what was read before then stays in use
   */
  reload(): void;
}

/**
 * Credentials of a client for one daemon. Its certificate must be for the host of the address, or for `tls.serverName`.
 * Without `tls`, plain text: to this machine only, unless `insecure`.
 *
 * @throws OptionError for plain text to another machine, and for files that cannot be used
 */
export function clientCredentials(
  grpc: typeof Grpc,
  tls: TlsFiles | undefined,
  address: string,
  { insecure = false, warn = () => undefined }: PlainText = {},
): Grpc.ChannelCredentials {
  if (tls === undefined) {
    judgePlain(address, insecure, warn, 'Give tls: { ca } (npx jobloom certs makes one), or insecure: true.');
    return grpc.credentials.createInsecure();
  }
  const { ca, identity, warnings } = readTlsFiles(tls);
  warnings.forEach(warn);
  const { serverName } = tls;
  return grpc.credentials.createSsl(ca ?? null, identity?.key ?? null, identity?.cert ?? null, {
    ...(serverName !== undefined && {
      checkServerIdentity: (_host, cert) => checkServerIdentity(serverName, cert),
    }),
  });
}

/**
 * Credentials of a daemon that listens on `listen`. With `mutual`, clients need a certificate of `tls.ca`.
 * Without `tls`, plain text: for this machine only, unless `insecure`.
 *
 * @throws OptionError for plain text to other machines, and for files that cannot be used
 */
export function serverCredentials(
  grpc: typeof Grpc,
  tls: TlsFiles | undefined,
  {
    mutual = false,
    listen,
    insecure = false,
    warn = () => undefined,
  }: PlainText & { readonly mutual?: boolean; readonly listen: string },
): ReloadableServerCredentials {
  if (tls === undefined) {
    judgePlain(listen, insecure, warn, 'Give --tls-cert and --tls-key (npx jobloom certs makes them), or --insecure.');
    return { credentials: grpc.ServerCredentials.createInsecure(), reload: () => undefined };
  }
  const provider = new Provider(readServerFiles(tls, mutual, warn));
  const make = grpc.experimental.createCertificateProviderServerCredentials;
  return {
    credentials: make(provider, mutual ? provider : null, mutual),
    reload: () => provider.update(readServerFiles(tls, mutual, warn)),
  };
}

function readServerFiles(tls: TlsFiles, mutual: boolean, warn: (message: string) => void): TlsMaterial {
  const material = readTlsFiles(tls);
  if (material.identity === undefined) throw new OptionError('A daemon with TLS needs a certificate and its key.');
  if (mutual && material.ca === undefined)
    throw new OptionError('Mutual TLS needs the CA that the certificates of clients are from.');
  material.warnings.forEach(warn);
  return material;
}

function judgePlain(address: string, insecure: boolean, warn: (message: string) => void, advice: string): void {
  if (isLoopback(address)) return;
  if (!insecure)
    throw new OptionError(`${address} is not on this machine, and plain text goes to this machine only. ${advice}`);
  warn(
    `${address}: insecure, in plain text. Whoever is on the way can read and change what is sent, and run code in your tasks.`,
  );
}

/** Hands new certificates to listening sockets as they come. */
class Provider implements Grpc.experimental.CertificateProvider {
  readonly #ca = new Set<Grpc.experimental.CaCertificateUpdateListener>();
  readonly #identity = new Set<Grpc.experimental.IdentityCertificateUpdateListener>();
  #material: TlsMaterial;

  constructor(material: TlsMaterial) {
    this.#material = material;
  }

  update(material: TlsMaterial): void {
    this.#material = material;
    for (const listener of this.#ca) this.#tellCa(listener);
    for (const listener of this.#identity) this.#tellIdentity(listener);
  }

  addCaCertificateListener(listener: Grpc.experimental.CaCertificateUpdateListener): void {
    this.#ca.add(listener);
    queueMicrotask(() => this.#tellCa(listener)); // told at once, it would have nobody to pass it on to
  }

  removeCaCertificateListener(listener: Grpc.experimental.CaCertificateUpdateListener): void {
    this.#ca.delete(listener);
  }

  addIdentityCertificateListener(listener: Grpc.experimental.IdentityCertificateUpdateListener): void {
    this.#identity.add(listener);
    queueMicrotask(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: Grpc.experimental.IdentityCertificateUpdateListener): void {
    this.#identity.delete(listener);
  }

  #tellCa(listener: Grpc.experimental.CaCertificateUpdateListener): void {
    const { ca } = this.#material;
    listener(ca === undefined ? null : { caCertificate: ca });
  }

  #tellIdentity(listener: Grpc.experimental.IdentityCertificateUpdateListener): void {
    const { identity } = this.#material;
    listener(identity === undefined ? null : { certificate: identity.cert, privateKey: identity.key });
  }
}
