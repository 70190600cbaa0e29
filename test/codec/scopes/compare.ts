import { freeVariables, type SyntaxNode } from '../../../packages/codec/src/free-variables.ts';
import { parseFunction, parseProgram } from '../../../packages/codec/src/source.ts';
import { type CutFunction, cutFunctions } from './cut-functions.ts';
import { type FreeNames, Oracle } from './oracle.ts';

/** What became of the functions of a file. Every one of them is counted in exactly one place. */
export interface Comparison {
  readonly functions: number;
  compared: number;
  /** Names that both found, over all functions: agreement about nothing would show here. */
  names: number;
  writes: number;
  readonly differences: string[];
  /** Functions that cannot be read on their own, by reason. */
  readonly apart: Map<string, number>;
}

/** Cuts every function out of a file, reads it alone as a capture does, and compares with eslint-scope's view of the file. */
export function compareFile(file: string, source: string, isModule: boolean): Comparison {
  const program = parseProgram(source, isModule);
  const oracle = new Oracle(program, isModule);
  const functions = cutFunctions(program, source);
  const result: Comparison = {
    functions: functions.length,
    compared: 0,
    names: 0,
    writes: 0,
    differences: [],
    apart: new Map(),
  };
  for (const each of functions) compareFunction(result, file, source, each, oracle);
  return result;
}

function compareFunction(result: Comparison, file: string, source: string, cut: CutFunction, oracle: Oracle): void {
  const { node, text, start, key } = cut;
  const apart = (reason: string): void => void result.apart.set(reason, (result.apart.get(reason) ?? 0) + 1);
  if (text === undefined) return apart('a constructor: its value is the class');
  let ours: FreeNames;
  try {
    ours = ourFree(text, oracle.isStrictAround(node));
  } catch (error) {
    return apart(reasonOf(text, error));
  }
  const theirs = oracle.free(node, key);
  result.compared += 1;
  result.names += theirs.size;
  for (const written of theirs.values()) if (written) result.writes += 1;
  const [a, b] = [listed(ours), listed(theirs)];
  if (a !== b) {
    const line = source.slice(0, start).split('\n').length;
    result.differences.push(`${file}:${line} ours: ${a}; eslint-scope: ${b}; ${text.slice(0, 80)}`);
  }
}

/** The free names of a text, with `arguments` of a function around, which eslint-scope treats as a name. */
export function ourFree(text: string, strict: boolean): FreeNames {
  const { node } = parseFunction(text, strict);
  const { variables, outer } = freeVariables(node as SyntaxNode, strict);
  const names = new Map([...variables].map(([name, { written }]) => [name, written]));
  if (outer.has('arguments')) names.set('arguments', names.get('arguments') ?? false);
  return names;
}

export function listed(names: FreeNames): string {
  return [...names]
    .map(([name, written]) => (written ? `${name}=` : name))
    .sort()
    .join(' ');
}

/** Why a text is no function by itself. */
function reasonOf(text: string, error: unknown): string {
  const { message } = error as Error;
  if (!(error instanceof SyntaxError)) throw error;
  if (/super/i.test(message) && /\bsuper\b/.test(text)) return 'an arrow that uses super of the method around it';
  if (/private/i.test(message) && /#\w/.test(text)) return 'it uses a private name of the class around it';
  if (/new\.target/.test(message)) return 'an arrow that uses new.target of the function around it';
  return `not parsed: ${message}: ${text.slice(0, 60)}`;
}
