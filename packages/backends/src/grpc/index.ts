export { type Ask, askDaemon } from './client/ask-daemon.ts';
export { createGrpc, type GrpcBackend } from './client/backend.ts';
export { Daemon, type DaemonOptions, type DaemonStatus } from './daemon/daemon.ts';
export type { DaemonLimits } from './daemon/limits.ts';
export { Announcer, type AnnouncerOptions } from './discovery/announcer.ts';
export type { RegistryToken } from './discovery/registry.ts';
export type { DaemonAddress, DaemonSource } from './discovery/source.ts';
export type { DaemonStats } from './observe/daemon-stats.ts';
export { type Log, type LogFields, type LogForm, type LogLevel, makeLog } from './observe/log.ts';
export { type MetricsPage, serveMetrics } from './observe/metrics.ts';
export type { GrpcOptions } from './options.ts';
export type { About, Range } from './protocol/versions.ts';
export { type CommandOptions, command } from './provider/command.ts';
export { type DialOptions, dial } from './provider/dial.ts';
export { type DockerOptions, docker } from './provider/docker.ts';
export { type LocalOptions, local } from './provider/local.ts';
export type { Invitation, LaunchedWorker, Orders, WorkerProvider } from './provider/provider.ts';
export type { WorkerCount } from './provider/size.ts';
export { type SlurmOptions, slurm } from './provider/slurm.ts';
export { workAsOrdered } from './provider/work-as-ordered.ts';
export {
  type CertificateRequest,
  type Identity,
  makeAuthority,
  makeClientCertificate,
  makeServerCertificate,
} from './security/certs.ts';
export { parseBytes } from './security/quantity.ts';
export { makeScratch, type Scratch, type ScratchOptions } from './security/scratch.ts';
export type { TlsFiles } from './security/tls.ts';
export {
  ensureLocalToken,
  type ReloadableTokens,
  readTokens,
  type Token,
  type Tokens,
  tokensOf,
  writeTokenFile,
} from './security/tokens.ts';
export { scrubEnvironment } from './security/worker-environment.ts';
