import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { OptionError } from '../../errors.ts';

/** What both ends of a connection know. The text itself is kept nowhere and never sent. */
export interface Token {
  /** 16 hex digits; safe to send and to log. */
  readonly id: string;
  /** 32 bytes for HMAC. */
  readonly key: Buffer;
}

/** Tokens that are valid now. */
export interface Tokens {
  /** At least one, the one to use first. */
  all(): readonly Token[];
  byId(id: string): Token | undefined;
}

/** Tokens of a file that can be read again while they are in use. */
export interface ReloadableTokens extends Tokens {
  /** Reads the file again. @throws OptionError when it cannot be used; the tokens so far then stay valid */
  reload(): void;
}

const SHORTEST = 16;
const MOST = 8;

/** Tokens from this length on are taken to be random; shorter ones are made expensive to guess. */
const RANDOM = 32;

/** @throws OptionError for texts under 16 characters */
export function tokenOf(text: string, from = 'The token'): Token {
  if (text.length < SHORTEST)
    throw new OptionError(
      `${from} has ${text.length} characters, of at least ${SHORTEST}. Make one: npx jobloom certs token FILE`,
    );
  const id = createHash('sha256').update(`jobloom token id${text}`).digest('hex').slice(0, 16);
  const key =
    text.length < RANDOM ? scryptSync(text, 'jobloom token key', 32) : createHash('sha256').update(text).digest();
  return { id, key };
}

/** Tokens of texts, the first to be used first. */
export function tokensOf(texts: readonly string[], from?: string): Tokens {
  const tokens = texts.map((text) => tokenOf(text, from));
  return { all: () => tokens, byId: (id) => tokens.find((token) => token.id === id) };
}

/**
 * Tokens of a file: one a line, the newest first; blank lines and lines that begin with `#` do not count.
 * A client uses the first, a daemon takes any, so that a new token can be given out before the old one ends.
 *
 * @throws OptionError when the file cannot be read, is another user's, can be read by others, or has no usable token
 */
export function readTokens(file: string): ReloadableTokens {
  let tokens = parseTokens(file);
  return {
    all: () => tokens.all(),
    byId: (id) => tokens.byId(id),
    reload: () => {
      tokens = parseTokens(file);
    },
  };
}

/** Where the token of this user's daemons and clients on this machine is. */
export function localTokenFile(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  return XDG_RUNTIME_DIR === undefined || XDG_RUNTIME_DIR === ''
    ? join(homedir(), '.config', 'jobloom', 'token')
    : join(XDG_RUNTIME_DIR, 'jobloom', 'token');
}

/** The token of this user on this machine, made when there is none. Of two that make it at once, both get the same. */
export function ensureLocalToken(file: string = localTokenFile()): ReloadableTokens {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  expectOwnFolder(folder);
  writeTokenFile(file, true);
  return readTokens(file);
}

/** A new random token in a file that only this user can read. @returns whether it was made; with `ifMissing`, a file that is there stays */
export function writeTokenFile(file: string, ifMissing = false): boolean {
  const partial = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  writeFileSync(partial, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(partial, file); // unlike a rename, it never replaces what is there
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (ifMissing) return false;
    throw new OptionError(`${file} is there already. Remove it first, or name another file.`, { cause: error });
  } finally {
    unlinkSync(partial);
  }
}

function parseTokens(file: string): Tokens {
  const what = `The token file ${file}`;
  const text = readPrivate(file, what);
  const lines = text.split('\n').map((line) => line.trim());
  const texts = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (texts.length === 0 || texts.length > MOST)
    throw new OptionError(`${what} has ${texts.length} tokens. It must have 1 to ${MOST}, one a line.`);
  return tokensOf(texts, `A token in ${file}`);
}

function readPrivate(file: string, what: string): string {
  try {
    const { mode, uid } = statSync(file);
    if (process.getuid !== undefined) {
      if (mode & 0o077) throw new OptionError(`${what} can be read by other users. Close it: chmod 600 ${file}`);
      if (uid !== process.getuid() && uid !== 0)
        throw new OptionError(`${what} belongs to user ${uid}. It must be this user's own, ${process.getuid()}.`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof OptionError) throw error;
    throw new OptionError(`${what} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A folder that another user prepared could be given another file later. */
function expectOwnFolder(folder: string): void {
  if (process.getuid === undefined) return;
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid())
    throw new OptionError(`${folder} must be a folder of this user's own. Remove it, or give a token file.`);
  if (found.mode & 0o077) chmodSync(folder, 0o700);
}
