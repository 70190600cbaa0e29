/** What shows that two ends belong together. It is never sent: both prove that they have it. */
export interface Token {
  /** 16 hexadecimal digits that name it; safe to send. */
  readonly id: string;
  /** For HMAC. */
  readonly key: Buffer;
}

/** The tokens of one end: two may be valid while one replaces the other. */
export interface Tokens {
  /** The newest first; at least one. */
  all(): readonly Token[];
  byId(id: string): Token | undefined;
}
