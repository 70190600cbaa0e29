import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import type { Print } from './fingerprint/print.ts';

/** What a receiver must know of a function's source besides its text. */
export interface CodeHeader {
  readonly v: 1;
  readonly form: 'expression' | 'class' | 'member';
  readonly strict: boolean;
  /** The function's `name`. */
  readonly name: string;
  /** Where it was written, for stack traces. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Names that it takes from outside, in the order of a node's slots. */
  readonly free: readonly string[];
  /** Which of them it assigns. */
  readonly writes: readonly number[];
  /** What a fingerprint needs that only the sender can see. Absent in what older senders made. */
  readonly print?: Print;
}

/** The source of a function in the form that travels: a line of JSON, then the text. */
export interface Code {
  readonly hash: string;
  readonly text: string;
  readonly header: CodeHeader;
}

/** Makes the code of a source. */
export function makeCode(header: CodeHeader, source: string): Code {
  const text = `${JSON.stringify(header)}\n${source}`;
  const hash = hashOf(text);
  texts.set(hash, text);
  return { hash, text, header };
}

/** Texts of the functions that were captured in this process: frames outlive the session that made them. */
const texts = new Map<string, string>();

/** The text of a code that was made here, or came from elsewhere. @throws TypeError for any other hash */
export function codeText(hash: string): string {
  const text = texts.get(hash);
  if (text === undefined) throw new TypeError(`no function with code ${hash} was captured in this process`);
  return text;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What a factory gives: the function, or the object that holds it, and setters for the names whose values come late. */
export type Product = readonly [fn: unknown, ...setters: ((value: unknown) => void)[]];

/** Takes the values of a function's parameters, in the order of its free names. */
type Factory = (...values: unknown[]) => Product;

/** Factories of functions that share variables, and setters of these. */
type Group = () => readonly [factories: readonly Factory[], setters: readonly ((value: unknown) => void)[]];

interface Received {
  readonly header: CodeHeader;
  readonly source: string;
  readonly factories: Map<string, Factory>;
}

const received = new Map<string, Received>();

/** True when `addCode` has had this hash. */
export function hasCode(hash: string): boolean {
  return received.has(hash);
}

/**
 * Takes the text of a code. Codes are kept for the whole process: what is compiled once serves every session.
 * @throws TypeError when the text is not the one that was announced
 */
export function addCode(hash: string, text: string): void {
  if (received.has(hash)) return;
  if (hashOf(text) !== hash) throw new TypeError(`the text that came for code ${hash} is another one`);
  const end = text.indexOf('\n');
  const header = JSON.parse(text.slice(0, end)) as CodeHeader;
  if (header.v !== 1) throw new TypeError(`code ${hash} is in format ${header.v}; this jobloom reads format 1`);
  received.set(hash, { header, source: text.slice(end + 1), factories: new Map() });
}

/** Header of a code that came. @throws TypeError when it did not */
export function headerOf(hash: string): CodeHeader {
  return receivedCode(hash).header;
}

function receivedCode(hash: string): Received {
  const code = received.get(hash);
  if (code === undefined) throw new TypeError(`code ${hash} did not come: addCode(hash, text) comes before decode`);
  return code;
}

/**
 * The compiled factory of a code. It takes the values of the captured names as parameters, which V8 treats
 * as constants: a captured name that is a `let` makes hot loops 4 to 6 times slower. Only names whose value
 * comes later (`late`) get a `let` and a setter each.
 *
 * @param plan for each free name: `p` a parameter, `l` late, `g` global, `s` the function itself, `c` shared with others
 */
export function factoryOf(hash: string, plan: string): Factory {
  const code = receivedCode(hash);
  let factory = code.factories.get(plan);
  if (factory === undefined) {
    const [before, after] = factoryText(hash, code.header, plan);
    factory = compile(`(${before}\n`, [[code, after]], ')') as Factory;
    code.factories.set(plan, factory);
  }
  return factory;
}

const groups = new Map<string, Group>();

/** Factories of functions that share variables: their sources in one script, each with its plan. */
export function groupOf(
  members: readonly (readonly [hash: string, plan: string])[],
  variables: readonly string[],
): Group {
  const key = `${variables.join()}|${members.map((member) => member.join()).join('|')}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = compileGroup(members, variables);
    groups.set(key, group);
  }
  return group;
}

function compileGroup(
  members: readonly (readonly [hash: string, plan: string])[],
  variables: readonly string[],
): Group {
  const parts = members.map(([hash, plan], at) => ({ hash, code: receivedCode(hash), plan, at }));
  parts.sort((a, b) => a.code.header.line - b.code.header.line || a.code.header.column - b.code.header.column);
  const sources = parts.map(({ hash, code, plan, at }, next): Part => {
    const following = parts[next + 1];
    const [, after] = factoryText(hash, code.header, plan);
    const before =
      following === undefined
        ? ''
        : `$jobloom[${following.at}]=${factoryText(following.hash, following.code.header, following.plan)[0]}`;
    return [code, `${after};${before}`, at];
  });
  const first = parts[0] as (typeof parts)[number];
  const head = `(function(){let ${variables.join()};const $jobloom=[];$jobloom[${first.at}]=${factoryText(first.hash, first.code.header, first.plan)[0]}\n`;
  const setters = variables.map((name) => `($value)=>{${name}=$value}`);
  return compile(head, sources, `return[$jobloom,[${setters.join()}]]})`) as Group;
}

type Part = readonly [code: Received, after: string, at?: number];

/** How a factory begins, as a directive that means nothing: functions that are made in rebuilt code find its header. */
export const FACTORY = 'jobloom ';

/** What stands before and after a source to make it a factory. */
function factoryText(
  hash: string,
  { free, form, strict }: CodeHeader,
  plan: string,
): readonly [before: string, after: string] {
  const named = (kind: string): string[] => free.filter((_, at) => plan[at] === kind);
  const late = named('l');
  const [own = '$own'] = named('s');
  const isMember = form === 'member';
  const before = [
    `function(${named('p').join()}){`,
    strict ? '"use strict";' : '',
    `"${FACTORY}${hash}";`,
    late.length > 0 ? `let ${late.join()};` : '',
    `const ${own}=${isMember ? '{' : '('}`,
  ];
  const after = [isMember ? '};' : ');', `return[${own}`, ...late.map((name) => `,($value)=>{${name}=$value}`), ']}'];
  return [before.join(''), after.join('')];
}

/** Compiles sources so that their lines are those of the file that they are from, and the columns of what begins a line. */
function compile(head: string, parts: readonly Part[], tail: string): unknown {
  const { url, line: first } = (parts[0] as Part)[0].header;
  let text = head;
  let line = first;
  for (const [{ header, source }, after] of parts) {
    if (header.line > line) text += '\n'.repeat(header.line - line);
    if (text.endsWith('\n')) text += ' '.repeat(Math.min(header.column, 1000));
    text += source + after;
    line = Math.max(line, header.line) + source.split('\n').length - 1;
  }
  return new Script(text + tail, {
    filename: url === '' ? 'jobloom:code' : url,
    lineOffset: first - 1,
  }).runInThisContext();
}
