import { rememberCells } from '../cells.ts';
import { factoryOf, groupOf, type Product } from '../codes.ts';
import { rememberOrigin } from '../fingerprint/origins.ts';
import { broken } from '../frame-error.ts';
import type { Group } from '../layout.ts';
import { type FunctionRecord, functionRecordAt, readFunctionRecord } from './function-record.ts';
import { type NodeReader, State } from './node-reader.ts';
import { type Plan, planFunction } from './plan-function.ts';

/** A function: the one that is known by its number, else made from its code. */
export function readFunction(reader: NodeReader, id: number): unknown {
  const record = readFunctionRecord(reader);
  const isKnown = reader.isData || !record.isStateful;
  const known = isKnown ? reader.host.known(record.session, record.home) : undefined;
  if (known !== undefined) {
    reader.done(id);
    return known;
  }
  reader.refuseCode('a function');
  const group = reader.groups.find(([, members]) => members.includes(id));
  if (group !== undefined) return makeGroup(reader, group, id);
  const plan = planFunction(reader, id, record);
  const { header, hash } = record;
  const cells = new Map(header.writes.map((at) => [header.free[at] as string, {}]));
  return finish(reader, record, plan, factoryOf(hash, plan.letters)(...plan.parameters), cells);
}

/** Builds functions that share variables, all at once. */
function makeGroup(reader: NodeReader, [variables, members]: Group, wanted: number): unknown {
  for (const id of members) {
    if (reader.state[id] !== State.none && id !== wanted) throw broken('a function in two groups');
    reader.state[id] = State.open;
  }
  const records = members.map((id) => functionRecordAt(reader, id));
  const plans = records.map((record, at) => planFunction(reader, members[at] as number, record));
  const names = variables.map(([name]) => name);
  const [factories, setters] = groupOf(
    records.map(({ hash }, at) => [hash, (plans[at] as Plan).letters]),
    names,
  )();
  for (const [at, set] of setters.entries()) reader.late.push({ set, slot: (variables[at] as Group[0][number])[1] });
  const cells = new Map(names.map((name) => [name, {}]));
  for (const [at, id] of members.entries()) {
    const plan = plans[at] as Plan;
    const product = (factories[at] as (...values: unknown[]) => Product)(...plan.parameters);
    reader.made[id] = finish(reader, records[at] as FunctionRecord, plan, product, cells);
    reader.state[id] = State.made;
  }
  return reader.made[wanted];
}

function finish(
  reader: NodeReader,
  { header, session, home, slots }: FunctionRecord,
  { letters, late, values, packages }: Plan,
  [made, ...setters]: Product,
  cells: ReadonlyMap<string, object>,
): unknown {
  for (const [at, set] of setters.entries()) reader.late.push({ set, slot: late[at] as number });
  const fn = (header.form === 'member' ? memberOf(made as object) : made) as object;
  const name = Object.getOwnPropertyDescriptor(fn, 'name');
  if (name?.value !== header.name && (name === undefined || name.configurable)) {
    Object.defineProperty(fn, 'name', { value: header.name, configurable: true });
  }
  for (const [at, slot] of slots.entries()) {
    if (letters[at] === 's') values[at] = fn;
    else if (letters[at] === 'l') reader.late.push({ set: (value) => void values.fill(value, at, at + 1), slot });
  }
  rememberOrigin(fn, { kind: 'code', header, values, packages });
  reader.host.learn(session, home, fn);
  reader.built.add(fn);
  if (cells.size > 0) rememberCells(fn, cells);
  return fn;
}

/** The one method or accessor of an object literal. */
function memberOf(literal: object): object {
  const [key] = Reflect.ownKeys(literal);
  const property = Object.getOwnPropertyDescriptor(literal, key as string);
  return (property?.value ?? property?.get ?? property?.set) as object;
}
