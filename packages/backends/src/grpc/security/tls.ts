/** What identifies an end: paths or PEM. */
export interface TlsFiles {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name that the daemon's certificate is for, where it is not the one that is dialled. */
  readonly serverName?: string;
}
