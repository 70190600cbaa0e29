import type { CertificateRequest, Identity } from '@jobloom/backends/grpc';
import { makeAuthority, makeClientCertificate, makeServerCertificate } from '@jobloom/backends/grpc';

/** A cluster's certificates, and those of strangers. */
export interface Certificates {
  readonly ca: Identity;
  readonly server: Identity;
  readonly client: Identity;
  /** Of the same CA, over since yesterday. */
  readonly expiredClient: Identity;
  readonly expiredServer: Identity;
  readonly otherCa: Identity;
  readonly otherClient: Identity;
}

const HOSTS = ['localhost', '127.0.0.1'];

export async function makeCertificates(): Promise<Certificates> {
  const ca = await makeAuthority(request('test CA'));
  const otherCa = await makeAuthority(request('other CA'));
  const past = { days: 1, from: new Date(Date.now() - 3 * 86_400_000) };
  return {
    ca,
    otherCa,
    server: await makeServerCertificate(ca, { ...request('server'), hosts: HOSTS }),
    client: await makeClientCertificate(ca, request('client')),
    expiredClient: await makeClientCertificate(ca, { ...request('client'), ...past }),
    expiredServer: await makeServerCertificate(ca, { ...request('server'), ...past, hosts: HOSTS }),
    otherClient: await makeClientCertificate(otherCa, request('client')),
  };
}

function request(name: string): CertificateRequest {
  return { name, days: 30 };
}
