/** Where a daemon may be. */
export interface DaemonAddress {
  /** `host:port` */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Who says so, for messages: `the workers option`. */
  readonly from: string;
}

/** A way to find daemons. */
export interface DaemonSource {
  /** Calls back with the whole list, at once and on each change, and what is wrong with it; returns the way to stop. */
  watch(listener: (daemons: readonly DaemonAddress[], problem?: Error) => void): () => void;
}
