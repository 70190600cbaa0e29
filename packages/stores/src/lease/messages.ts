/** What a renewer module exports: `openRenewer`. It runs in the helper thread; `config` came as a message. */
export interface RenewerModule {
  openRenewer(config: unknown): Renewer | Promise<Renewer>;
}

/** Renews leases of one store. */
export interface Renewer {
  /** Whether the lease is still held; extended by `ttlMs` when it is. `state` is what the last renewal left, or the lease began with. */
  renew(lease: KeptLease): Promise<Renewal>;
  close(): void | Promise<void>;
}

export interface Renewal {
  readonly held: boolean;
  readonly state?: string;
}

export interface KeptLease {
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
  readonly state?: string;
}

/** To the helper thread. */
export type KeeperOrder =
  | { readonly type: 'open'; readonly store: number; readonly module: string; readonly config: unknown }
  | { readonly type: 'keep'; readonly store: number; readonly id: number; readonly lease: KeptLease }
  | { readonly type: 'drop'; readonly store: number; readonly id: number }
  | { readonly type: 'close'; readonly store: number };

/** From the helper thread. */
export type KeeperReport =
  | { readonly type: 'lost'; readonly store: number; readonly id: number }
  | { readonly type: 'fault'; readonly store: number; readonly message: string }
  | { readonly type: 'dropped'; readonly store: number; readonly id: number };
