import type { FingerprintPart } from '@jobloom/codec';
import type { Entry } from '@jobloom/stores';
import { coreOf } from './core.ts';
import type { Code, Definition } from './definition.ts';
import { type DescribedCode, describedCodes } from './described-code.ts';
import type { UnusableEntry } from './entry.ts';

/** A function, package, constant or option that is not what it was. */
export interface Change {
  /** `round`, `lodash`, `version`. */
  readonly name: string;
  /** Where its code is. */
  readonly file?: string;
  readonly kind: 'changed' | 'added' | 'removed';
  /** Versions of a package, values of an option. */
  readonly before?: string;
  readonly after?: string;
}

/** Whether a call would be answered from the store, and why. */
export interface Explanation {
  readonly hit: boolean;
  readonly reason:
    | 'hit'
    /** These arguments were not computed before, or their entry was cleared. */
    | 'not-computed'
    /** These arguments were computed by other code: see `changed`. */
    | 'code-changed'
    | 'expired'
    | 'invalid'
    | 'unreadable'
    | 'unsigned'
    /** The entry was damaged and is set aside. */
    | 'damaged'
    | 'store-fault'
    /** `location: null`, or closed. */
    | 'no-store';
  readonly function: string;
  readonly key: string;
  /** What differs from the code that computed these arguments, or else from the latest other code of the function. */
  readonly changed: readonly Change[];
  /** What can change the result without being noticed: see `fingerprint`. */
  readonly untracked: readonly string[];
  /** All of this in a line. */
  readonly text: string;
}

type Reason = Explanation['reason'];

/** Other codes of a function that are looked through for the arguments. */
const MOST_CODES = 50;

/** @param judge says why an entry would not answer the call */
export async function explainCall(
  definition: Definition,
  callId: string,
  judge: (entry: Entry) => Promise<'expired' | 'invalid' | UnusableEntry | undefined>,
): Promise<Explanation> {
  const { memory, prefix, code } = definition;
  const core = coreOf(memory);
  const { store } = core.opened ?? {};
  if (store === undefined || core.closed) return explanation(definition, '', 'no-store', [], '');
  const key = `${prefix}${code.segment}/${callId}`;
  try {
    const { corrupt } = core.counts;
    const entry = await store.get(key);
    if (entry !== undefined) {
      const problem = await judge(entry);
      const reason = problem === undefined ? 'hit' : typeof problem === 'string' ? problem : problem.type;
      return explanation(definition, key, reason, [], typeof problem === 'object' ? problem.detail : '');
    }
    if (core.counts.corrupt > corrupt) return explanation(definition, key, 'damaged', [], '');
    const others = (await describedCodes(store, definition)).filter(({ segment }) => segment !== code.segment);
    for (const other of others.slice(0, MOST_CODES)) {
      const found = await store.get(`${prefix}${other.segment}/${callId}`, { headOnly: true });
      if (found !== undefined) return explanation(definition, key, 'code-changed', changesBetween(other, code), '');
    }
    const [latest] = others;
    return explanation(definition, key, 'not-computed', latest ? changesBetween(latest, code) : [], '');
  } catch (error) {
    core.fault('explain', key, error);
    return explanation(definition, key, 'store-fault', [], (error as Error).message);
  }
}

const WORDS: Readonly<Record<Reason, string>> = {
  hit: 'found',
  'not-computed': 'not computed yet with these arguments',
  'code-changed': 'computed by other code',
  expired: 'its entry is too old',
  invalid: 'validate refused its entry',
  unreadable: "its entry can't be read here",
  unsigned: 'its entry is not signed with hmacKey',
  damaged: 'its entry was damaged',
  'store-fault': 'the store failed',
  'no-store': 'nothing is stored',
};

function explanation(
  { label, code }: Definition,
  key: string,
  reason: Reason,
  changed: readonly Change[],
  detail: string,
): Explanation {
  const because = [detail, changed.map(said).join(', ')].filter((each) => each !== '').join('; ');
  const untracked = code.untracked.length === 0 ? '' : `. Not tracked: ${code.untracked.join(', ')}`;
  const text = `${label}: ${WORDS[reason]}${because === '' ? '' : ` (${because})`}${untracked}`;
  return { hit: reason === 'hit', reason, function: label, key, changed, untracked: code.untracked, text };
}

function said({ name, kind, before, after }: Change): string {
  const versions = before === undefined || after === undefined ? '' : ` from ${before} to ${after}`;
  return `${name} ${kind}${versions}`;
}

/** What differs between two codes of a function. Pure. */
export function changesBetween(
  before: Pick<DescribedCode, 'parts' | 'counting'>,
  after: Pick<Code, 'parts' | 'counting'>,
): Change[] {
  return [...changedParts(before.parts, after.parts), ...changedOptions(before.counting, after.counting)];
}

function changedParts(before: readonly FingerprintPart[], after: readonly FingerprintPart[]): Change[] {
  const same = (list: readonly FingerprintPart[], part: FingerprintPart): boolean =>
    list.some(({ id, name }) => id === part.id && name === part.name);
  const gone = before.filter((part) => !same(after, part));
  const fresh = after.filter((part) => !same(before, part));
  const changes = fresh.map((part): Change => {
    const place = part.file === undefined ? {} : { file: part.file };
    const [name, version, what] = nameOf(part);
    const alike = (each: FingerprintPart): boolean => nameOf(each)[0] === name;
    const exact = gone.findIndex((each) => alike(each) && nameOf(each)[2] === what);
    const at = exact >= 0 || version === undefined ? exact : gone.findIndex(alike);
    if (at < 0) return { name, ...place, kind: 'added' };
    const [old] = gone.splice(at, 1) as [FingerprintPart];
    const versions = version === undefined ? {} : { before: nameOf(old)[1] ?? '', after: version };
    return { name, ...place, kind: 'changed', ...versions };
  });
  const removed = gone.map(
    (part): Change => ({
      name: nameOf(part)[0],
      ...(part.file !== undefined && { file: part.file }),
      kind: 'removed',
    }),
  );
  const unique = new Map([...changes, ...removed].map((change) => [JSON.stringify(change), change]));
  return [...unique.values()];
}

/** Name; of packages name, version and what they export. */
function nameOf({ name, file }: FingerprintPart): [name: string, version?: string, what?: string] {
  const match = file === undefined ? /^((?:@[^/@\s]+\/)?[^@\s]+)@(\S*)(?: (.*))?$/.exec(name) : null;
  return match === null ? [name] : [match[1] as string, match[2] as string, match[3] ?? ''];
}

function changedOptions(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Change[] => {
    const [old, now] = [before[name], after[name]];
    if (old === now) return [];
    if (old === undefined) return [{ name, kind: 'added', after: now as string }];
    return [
      now === undefined ? { name, kind: 'removed', before: old } : { name, kind: 'changed', before: old, after: now },
    ];
  });
}
