export type { DaemonAddress, DaemonSource } from './discovery/source.ts';
export type { TlsFiles } from './security/tls.ts';
export type { Token, Tokens } from './security/tokens.ts';
