import { packageName } from '../fingerprint/package-name.ts';
import { broken } from '../frame-error.ts';
import { Kind, NONE, SHARED } from '../layout.ts';
import { provide } from '../provide.ts';
import type { FunctionRecord } from './function-record.ts';
import { type NodeReader, State } from './node-reader.ts';
import { readModule } from './outside-nodes.ts';

/** See `factoryOf`. */
export interface Plan {
  readonly letters: string;
  readonly parameters: readonly unknown[];
  readonly late: readonly number[];
  /** Values by position, as far as they are there. */
  readonly values: unknown[];
  /** Packages that values are from, by position. */
  readonly packages: ReadonlyMap<number, string>;
}

/** How each name that a function takes from outside gets its value. */
export function planFunction(reader: NodeReader, id: number, { header, slots }: FunctionRecord): Plan {
  if (slots.length !== header.free.length) throw broken('a function with other variables than its code');
  const parameters: unknown[] = [];
  const late: number[] = [];
  const values: unknown[] = new Array(slots.length);
  const packages = new Map<number, string>();
  let letters = '';
  for (const [at, slot] of slots.entries()) {
    const name = header.free[at] as string;
    if (slot === SHARED) {
      letters += 'c';
    } else if (slot === NONE) {
      const provided = provide(name, header.url, reader.frame.modules);
      letters += provided === undefined ? 'g' : 'p';
      if (provided !== undefined) parameters.push(provided);
    } else if (slot === id * 2 + 1 && header.form !== 'member' && !header.writes.includes(at)) {
      letters += 's';
    } else if (isLate(reader, slot)) {
      letters += 'l';
      late.push(slot);
    } else {
      letters += 'p';
      values[at] = reader.read(slot);
      parameters.push(values[at]);
      const from = packageAt(reader, slot);
      if (from !== undefined) packages.set(at, from);
    }
  }
  return { letters, parameters, late, values, packages };
}

/** The package that a value comes from, if its slot says that a module has it. */
function packageAt(reader: NodeReader, slot: number): string | undefined {
  if (slot < 0 || slot % 2 === 0) return undefined;
  return reader.elsewhere((slot - 1) / 2, () => {
    const kind = reader.next();
    if (kind !== Kind.reference && kind !== Kind.local) return undefined;
    const module = readModule(reader);
    const path = reader.list(() => reader.text());
    return packageName(kind === Kind.local ? { module, path, local: reader.text() } : { module, path });
  });
}

/** Not there yet: functions that capture each other in a circle. */
function isLate(reader: NodeReader, slot: number): boolean {
  if (slot % 2 === 0) return false;
  const id = (slot - 1) / 2;
  const state = reader.state[id];
  if (state === State.open) return true;
  return state === State.none && needsOrder(reader, id);
}

const ORDERED: ReadonlySet<number | undefined> = new Set([
  Kind.function,
  Kind.prototype,
  Kind.typed,
  Kind.reduced,
  Kind.bound,
  Kind.proxy,
]);

function needsOrder(reader: NodeReader, id: number): boolean {
  const start = reader.starts[id] as number;
  const kind = reader.records[start];
  if (kind !== Kind.object) return ORDERED.has(kind);
  const prototype = reader.records[start + 1] as number;
  return prototype >= 0 && isLate(reader, prototype);
}
