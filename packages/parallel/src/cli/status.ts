import type { About, TlsFiles } from '@jobloom/backends/grpc';
import { describeFlags, type Flag, type FlagValues, parseFlags } from './flags.ts';

const FLAGS: readonly Flag[] = [
  { name: 'workers', value: 'HOST:PORT', many: true, says: 'a daemon; may be given several times' },
  { name: 'token-file', value: 'FILE', says: 'your own on this machine unless given' },
  { name: 'tls-ca', value: 'FILE', says: 'the CA of the daemons' },
  { name: 'tls-cert', value: 'FILE', says: 'certificate of this client' },
  { name: 'tls-key', value: 'FILE', says: 'its key' },
  { name: 'insecure', says: 'plain text to other machines too' },
  { name: 'json', says: 'one object a line' },
];

/** How `jobloom status` is used. */
export const STATUS_USAGE: string = `Usage:
  jobloom status [OPTIONS]   what daemons say of themselves; 127.0.0.1:7077 unless told otherwise

${describeFlags(FLAGS)}

Each is also an environment variable: --tls-ca is JOBLOOM_TLS_CA.
Exit code: 0 when all daemons answer, 1 when one does not.`;

type Answer = { readonly address: string } & ({ readonly about: About } | { readonly error: string });

/** Exit code: 0 all answered, 1 some did not, 2 wrong usage. */
export async function status(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    console.log(STATUS_USAGE);
    return 0;
  }
  let values: FlagValues;
  try {
    values = parseFlags(FLAGS, argv, process.env);
  } catch (error) {
    console.error(`jobloom status: ${(error as Error).message}\n\n${STATUS_USAGE}`);
    return 2;
  }
  try {
    const answers = await askAll(values);
    for (const answer of answers) console.log(values.json ? JSON.stringify(answer) : lineOf(answer));
    return answers.every((answer) => 'about' in answer) ? 0 : 1;
  } catch (error) {
    console.error(`jobloom status: ${(error as Error).message}`);
    return 1;
  }
}

async function askAll(values: FlagValues): Promise<Answer[]> {
  const { askDaemon, ensureLocalToken, readTokens } = await import('@jobloom/backends/grpc');
  const last = (name: string): string | undefined => values[name]?.at(-1);
  const file = last('token-file');
  const tokens = file === undefined ? ensureLocalToken() : readTokens(file);
  const [ca, cert, key] = [last('tls-ca'), last('tls-cert'), last('tls-key')];
  const tls: TlsFiles | undefined =
    (ca ?? cert ?? key) === undefined ? undefined : { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const reach = {
    tokens,
    tls,
    insecure: last('insecure') === 'true',
    warn: (message: string) => console.error(`jobloom status: ${message}`),
  };
  return Promise.all(
    (values.workers ?? ['127.0.0.1:7077']).map(async (address) => {
      try {
        return { address, about: await askDaemon(address, reach) };
      } catch (error) {
        return { address, error: (error as Error).message };
      }
    }),
  );
}

function lineOf(answer: Answer): string {
  if ('error' in answer) return `${answer.error}`;
  const { jobs, kind, jobloom, node, stats } = answer.about;
  const said = stats && [
    stats.state,
    `${stats.busy} of ${jobs} ${kind} busy`,
    `${stats.clients} clients`,
    `${stats.tasks} tasks`,
    `${stats.blobs} blobs of ${Math.ceil(stats.blobBytes / 2 ** 20)} MiB`,
    `load ${stats.load.toFixed(1)}`,
  ];
  return [`${answer.address}: ${said?.join(', ') ?? `${jobs} ${kind}`}`, `jobloom ${jobloom}, node ${node}`].join('; ');
}
