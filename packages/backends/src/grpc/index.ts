export { createGrpc, type GrpcBackend, type GrpcOptions } from './client/backend.ts';
export { Daemon, type DaemonOptions, type DaemonStatus } from './daemon/daemon.ts';
export type { DaemonLimits } from './daemon/limits.ts';
export type { DaemonAddress, DaemonSource } from './discovery/source.ts';
export {
  type CertificateRequest,
  type Identity,
  makeAuthority,
  makeClientCertificate,
  makeServerCertificate,
} from './security/certs.ts';
export type { TlsFiles } from './security/tls.ts';
export { readTokens, type Token, type Tokens, tokensOf, writeTokenFile } from './security/tokens.ts';
