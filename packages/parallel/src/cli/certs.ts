import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Identity } from '@jobloom/backends/grpc';

/** How `jobloom certs` is used. */
export const CERTS_USAGE = `Usage:
  jobloom certs ca [--dir DIR] [--days N]              a development CA: ca.pem, ca-key.pem
  jobloom certs server HOST... [--dir DIR] [--days N]  a daemon's certificate for these names and addresses: server-HOST.pem, server-HOST-key.pem
  jobloom certs client NAME [--dir DIR] [--days N]     a client's certificate: client-NAME.pem, client-NAME-key.pem
  jobloom certs token FILE                             a new random token

DIR is ./certs unless given; ca lasts 3650 days, the others 90. Keys and tokens can be read by you alone. What is there is never overwritten.
Keep ca-key.pem away from daemons: who has it can make certificates that your cluster trusts.`;

type Kind = 'ca' | 'server' | 'client';

/** Exit code: 0 done, 1 could not, 2 wrong usage. */
export async function certs(argv: readonly string[]): Promise<number> {
  const parsed = parse(argv);
  if (parsed === undefined) {
    console.error(CERTS_USAGE);
    return 2;
  }
  try {
    for (const file of await make(parsed)) console.log(file);
    return 0;
  } catch (error) {
    console.error(`jobloom certs: ${(error as Error).message}`);
    return 1;
  }
}

interface Request {
  readonly kind: Kind | 'token';
  readonly names: readonly string[];
  readonly dir: string;
  readonly days: number | undefined;
}

function parse(argv: readonly string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { dir: { type: 'string', default: 'certs' }, days: { type: 'string' } },
    });
    const [kind, ...names] = positionals;
    const days = values.days === undefined ? undefined : Number(values.days);
    const counts = {
      ca: names.length === 0,
      server: names.length > 0,
      client: names.length === 1,
      token: names.length === 1,
    };
    if (kind === undefined || !Object.hasOwn(counts, kind) || !counts[kind as Kind]) return undefined;
    if (days !== undefined && !(Number.isInteger(days) && days > 0)) return undefined;
    return { kind: kind as Request['kind'], names, dir: values.dir, days };
  } catch {
    return undefined; // an option that there is not
  }
}

/** @returns the files that were written */
async function make({ kind, names, dir, days }: Request): Promise<string[]> {
  const { makeAuthority, makeClientCertificate, makeServerCertificate, writeTokenFile } = await import(
    '@jobloom/backends/grpc'
  );
  const [first = ''] = names;
  if (kind === 'token') {
    writeTokenFile(first);
    return [first];
  }
  if (kind === 'ca') {
    const name = `jobloom development CA (${userInfo().username} at ${hostname()})`;
    return save(dir, 'ca', () => makeAuthority({ name: name.slice(0, 64), days: days ?? 3650 }));
  }
  const authority = readAuthority(dir);
  const request = { name: first.slice(0, 64), days: days ?? 90 };
  return save(dir, `${kind}-${first.replace(/[^\w.-]/g, '_')}`, () =>
    kind === 'server'
      ? makeServerCertificate(authority, { ...request, hosts: names })
      : makeClientCertificate(authority, request),
  );
}

function readAuthority(dir: string): Identity {
  const cert = join(dir, 'ca.pem');
  const key = join(dir, 'ca-key.pem');
  for (const file of [cert, key])
    if (!existsSync(file)) throw new Error(`there is no ${file}. Make a CA first: npx jobloom certs ca --dir ${dir}`);
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

async function save(dir: string, name: string, create: () => Promise<Identity>): Promise<string[]> {
  const cert = join(dir, `${name}.pem`);
  const key = join(dir, `${name}-key.pem`);
  for (const file of [cert, key])
    if (existsSync(file)) throw new Error(`${file} is there already. Remove it first, or choose another --dir.`);
  const made = await create();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(key, made.key, { mode: 0o600, flag: 'wx' });
  writeFileSync(cert, made.cert, { mode: 0o644, flag: 'wx' });
  return [cert, key];
}
