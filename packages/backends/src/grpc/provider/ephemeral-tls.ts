import { makeAuthority, makeClientCertificate, makeServerCertificate } from '../security/certs.ts';
import type { TlsFiles } from '../security/tls.ts';
import type { Invitation } from './provider.ts';

/** Longer than any backend is open; the keys end with it. */
const DAYS = 366;

/** Certificates of one backend and its workers, which nothing else trusts. */
export interface EphemeralTls {
  readonly caller: TlsFiles;
  readonly worker: Required<Pick<Invitation, 'ca' | 'cert' | 'key'>>;
}

/** Makes them, for a caller that is dialled at `host`. The authority's key is kept nowhere. */
export async function makeEphemeralTls(host: string): Promise<EphemeralTls> {
  const authority = await makeAuthority({ name: 'jobloom backend', days: DAYS });
  const [caller, worker] = await Promise.all([
    makeServerCertificate(authority, { name: 'caller', days: DAYS, hosts: [host] }),
    makeClientCertificate(authority, { name: 'worker', days: DAYS }),
  ]);
  return { caller: { ca: authority.cert, ...caller }, worker: { ca: authority.cert, ...worker } };
}
