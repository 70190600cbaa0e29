/** Where a daemon can be reached. */
export interface DaemonAddress {
  /** `host:port`. */
  readonly address: string;
  /** Name that its certificate must bear, where that is not the host of `address`. */
  readonly serverName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** How it became known, for messages: `the workers option`. */
  readonly from: string;
}

/** Hears of all daemons that are known now; `problem` says why there may be others. */
export type DaemonListener = (daemons: readonly DaemonAddress[], problem?: Error) => void;

/** A way to find daemons. */
export interface DaemonSource {
  /** Calls back with the whole list, at once or soon, and on each change; returns the way to stop. It keeps no program alive. */
  watch(listener: DaemonListener): () => void;
}
