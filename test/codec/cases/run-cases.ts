import { inspect, isDeepStrictEqual } from 'node:util';
import { delayed, Parallel } from '@jobloom/parallel';
import { capturedValues } from './captured-values.ts';
import type { BackendName, Call, Case, Origin, Section } from './case.ts';
import { classes } from './classes.ts';
import { functionKinds } from './function-kinds.ts';
import { imports } from './imports.ts';
import { packages } from './packages.ts';
import { refusals } from './refusals.ts';
import { sharedVariables } from './shared-variables.ts';
import { traces } from './traces.ts';

const SECTIONS: readonly Section[] = [
  functionKinds,
  classes,
  capturedValues,
  imports,
  sharedVariables,
  traces,
  refusals,
  packages,
];
const BUNDLED: ReadonlySet<Origin> = new Set(['bundle', 'bundle-cjs', 'minified']);
const BACKENDS: readonly BackendName[] = ['threads', 'processes'];

/** What became of a case. */
export interface Verdict {
  readonly section: string;
  readonly name: string;
  readonly backend: BackendName;
  /** `limit`: refused with the exact text, or different in the exact way, that the case declares. `na`: the case says nothing about this origin. */
  readonly verdict: 'ok' | 'limit' | 'na' | 'fail';
  /** Reason or failure. */
  readonly detail?: string;
  /** What the case took. */
  readonly ms?: number;
}

/** Who asks for the cases, and hears of them. */
export interface Program {
  readonly origin: Origin;
  readonly tell: (verdict: Verdict) => void;
  /** Only cases whose name has this in it. */
  readonly only: string;
}

/** Cases of one module format. */
type FormatCases = Readonly<Record<string, Omit<Case, 'name'>>>;

const FORMAT = 'one module format';

/** Runs every case on every backend, with those of the format at hand; those of the other one do not apply. */
export async function runCases(
  program: Program,
  format: FormatCases,
  other: { readonly names: readonly string[]; readonly reason: string },
): Promise<void> {
  const own = Object.entries(format).map(([name, each]) => ({ ...each, name }));
  await runSections([...SECTIONS, { name: FORMAT, cases: own }], program);
  for (const name of other.names.filter((each) => each.includes(program.only)))
    for (const backend of BACKENDS)
      program.tell({ section: FORMAT, name, backend, verdict: 'na', detail: other.reason });
}

/** Runs the cases of sections, each on every backend. */
export async function runSections(sections: readonly Section[], { origin, tell, only }: Program): Promise<void> {
  // no `await using`: Node 22 strips types only
  const runners = {
    threads: new Parallel({ backend: 'threads', nJobs: 1 }),
    processes: new Parallel({ backend: 'processes', nJobs: 1 }),
  };
  try {
    for (const { name: section, cases } of sections) {
      for (const each of cases.filter(({ name }) => name.includes(only))) {
        for (const backend of BACKENDS) {
          const call: Call = async (fn, ...args) => {
            const task = delayed(fn as (...args: readonly unknown[]) => unknown)(...args);
            const [result] = await runners[backend].run([task]);
            return result;
          };
          const start = performance.now();
          const judgement = await judge(each, origin, backend, call);
          tell({ section, name: each.name, backend, ...judgement, ms: Math.round(performance.now() - start) });
        }
      }
    }
  } finally {
    await Promise.all([runners.threads.close(), runners.processes.close()]);
  }
}

type Judgement = Pick<Verdict, 'verdict' | 'detail'>;

async function judge(each: Case, origin: Origin, backend: BackendName, call: Call): Promise<Judgement> {
  const reason = each.notIn?.[origin];
  if (reason !== undefined) return { verdict: 'na', detail: reason };
  if (Number.parseInt(process.versions.node, 10) < (each.since ?? 0))
    return { verdict: 'na', detail: `Node ${each.since} brings it` };
  const limit = each.limits?.[origin] ?? each.limits?.[backend];
  const wanted = limit ?? each.refused;
  try {
    const got = await each.run(call);
    if (wanted !== undefined) return { verdict: 'fail', detail: `gave ${show(got)} instead of the error: ${wanted}` };
    const other = each.differs?.[origin];
    const expected = other === undefined ? each.expected : other.gives;
    if (!isDeepStrictEqual(got, expected))
      return { verdict: 'fail', detail: `gave ${show(got)} instead of ${show(expected)}` };
    return other === undefined ? { verdict: 'ok' } : { verdict: 'limit', detail: `${show(got)}: ${other.why}` };
  } catch (error) {
    const { message } = error as Error;
    if (wanted === undefined) return { verdict: 'fail', detail: `failed: ${(error as Error).stack ?? message}` };
    const renamed = BUNDLED.has(origin) ? (each.renamed ?? []) : [];
    if (!isText(message, wanted, renamed)) return { verdict: 'fail', detail: `said: ${message}\n  not: ${wanted}` };
    return limit === undefined ? { verdict: 'ok' } : { verdict: 'limit', detail: message };
  }
}

/** Whether a text is the wanted one, whatever stands for some of its names, or for `…`. */
function isText(text: string, wanted: string, renamed: readonly string[]): boolean {
  if (renamed.length === 0 && !wanted.includes('…')) return text === wanted;
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
  if (renamed.length === 0) return new RegExp(`^${escaped}$`).test(text);
  const names = new RegExp(`\\b(?:${renamed.join('|')})\\b`, 'g');
  return new RegExp(`^${escaped.replace(names, '[\\w$$]+')}$`).test(text);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20 });
}
