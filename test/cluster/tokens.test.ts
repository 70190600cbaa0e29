import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OptionError } from '@jobloom/backends';
import { expect, test } from 'vitest';
import {
  ensureLocalToken,
  localTokenFile,
  readTokens,
  tokenOf,
  writeTokenFile,
} from '../../packages/backends/src/grpc/security/tokens.ts';
import { folder } from './folder.ts';

const OLD = 'old-token-of-some-thirty-three-chars';
const NEW = 'new-token-of-some-thirty-three-chars';

function tokenFile(text: string, mode = 0o600): string {
  const file = join(folder(), 'token');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test('a token has an id that does not show it, and a key that only its text gives', () => {
  const token = tokenOf(OLD);
  expect(token.id).toMatch(/^[0-9a-f]{16}$/);
  expect(token.key).toHaveLength(32);
  expect(tokenOf(OLD)).toEqual(token);
  expect(tokenOf(NEW).id).not.toBe(token.id);
  expect(tokenOf('sixteen letters!').key).toHaveLength(32);
});

test('of a file with two tokens both are valid, the first is used', () => {
  const tokens = readTokens(tokenFile(`# of May\n${NEW}\n\n${OLD}\n`));
  expect(tokens.all()).toEqual([tokenOf(NEW), tokenOf(OLD)]);
  expect(tokens.byId(tokenOf(OLD).id)).toEqual(tokenOf(OLD));
  expect(tokens.byId('0123456789abcdef')).toBeUndefined();
});

test('what is read again counts from then on; a file that cannot be used leaves the tokens as they were', () => {
  const file = tokenFile(OLD);
  const tokens = readTokens(file);
  writeFileSync(file, `${NEW}\n${OLD}`);
  tokens.reload();
  expect(tokens.all().map(({ id }) => id)).toEqual([tokenOf(NEW).id, tokenOf(OLD).id]);
  writeFileSync(file, 'short');
  expect(() => tokens.reload()).toThrow(OptionError);
  expect(tokens.all()).toHaveLength(2);
});

test.each([
  ['can be read by others', OLD, 0o644, 'can be read by other users. Close it: chmod 600'],
  ['has a short token', 'fifteen letters', 0o600, 'has 15 characters, of at least 16'],
  ['is empty', '# nothing\n', 0o600, 'has 0 tokens'],
  ['has too many', Array.from({ length: 9 }, (_, at) => `${OLD}${at}`).join('\n'), 0o600, 'has 9 tokens'],
])('a file that %s is refused', (_, text, mode, message) => {
  expect(() => readTokens(tokenFile(text, mode))).toThrow(message);
});

test('messages about a file hold no token', () => {
  const file = tokenFile(`${OLD}\nfifteen letters`);
  expect(() => readTokens(file)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('letters') }));
});

test('a file that is not there is said with its name', () => {
  expect(() => readTokens('/nowhere/token')).toThrow('The token file /nowhere/token cannot be read: ENOENT');
});

test('the local token is made once, for this user alone', () => {
  const file = join(folder(), 'jobloom', 'token');
  const [made] = ensureLocalToken(file).all();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  expect(ensureLocalToken(file).all()).toEqual([made]);
});

test('a folder for the local token that leads elsewhere is refused', () => {
  const base = folder();
  mkdirSync(join(base, 'theirs'));
  symlinkSync(join(base, 'theirs'), join(base, 'jobloom'));
  expect(() => ensureLocalToken(join(base, 'jobloom', 'token'))).toThrow('must be a folder of this user');
  expect(existsSync(join(base, 'theirs', 'token'))).toBe(false);
});

test('a token file is never overwritten', () => {
  const file = tokenFile(OLD);
  expect(() => writeTokenFile(file)).toThrow('is there already');
  expect(readFileSync(file, 'utf8')).toBe(OLD);
});

test('the local file follows XDG_RUNTIME_DIR', () => {
  const before = process.env.XDG_RUNTIME_DIR;
  process.env.XDG_RUNTIME_DIR = '/run/user/7';
  expect(localTokenFile()).toBe('/run/user/7/jobloom/token');
  delete process.env.XDG_RUNTIME_DIR;
  expect(localTokenFile()).toMatch(/\/\.config\/jobloom\/token$/);
  if (before !== undefined) process.env.XDG_RUNTIME_DIR = before;
});
