import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a daemon says of itself in a registry. */
export interface Announcement {
  /** `host:port` where clients reach it. */
  readonly address: string;
  /** Tasks that it runs at once. */
  readonly slots: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Name that its certificate bears, where that is not the host of `address`. */
  readonly serverName?: string;
  /** One start of one daemon. */
  readonly instance: string;
  /** Rises with each announcement of an instance. */
  readonly number: number;
  /** When it was signed, in milliseconds since 1970 by the daemon's clock. */
  readonly at: number;
  /** Milliseconds for which it holds. */
  readonly ttlMs: number;
  /** It leaves. */
  readonly left?: boolean;
}

/** A key that signs and checks: of a token. */
export interface SigningKey {
  readonly key: Uint8Array;
}

/** Longer entries are refused unread. */
const LONGEST = 16 * 1024;

/** The announcement as text, signed with the cluster's key. */
export function signAnnouncement(announcement: Announcement, token: SigningKey): string {
  const body = Buffer.from(JSON.stringify(announcement)).toString('base64url');
  return `v1.${body}.${macOf(body, token).toString('base64url')}`;
}

/** What the text says, or why it does not count. Nothing of it is parsed before its signature is right. */
export function openAnnouncement(text: string, token: SigningKey): Announcement | { readonly refused: string } {
  if (text.length > LONGEST) return { refused: 'too long' };
  const [version, body = '', mac = '', ...rest] = text.split('.');
  if (version !== 'v1' || rest.length > 0) return { refused: 'no announcement of this version' };
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(body, token);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { refused: "not signed with this cluster's token" };
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Announcement;
}

function macOf(body: string, { key }: SigningKey): Buffer {
  const registryKey = createHmac('sha256', key).update('jobloom registry').digest();
  return createHmac('sha256', registryKey).update(body).digest();
}
