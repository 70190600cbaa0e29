import { analyze, type Reference, type Scope, type ScopeManager } from 'eslint-scope';
import type { SyntaxNode } from '../../../packages/codec/src/free-variables.ts';

/** What eslint-scope says that a function takes from outside: each name, and whether it is assigned. */
export type FreeNames = ReadonlyMap<string, boolean>;

/** eslint-scope's view of a whole file. */
export class Oracle {
  readonly #manager: ScopeManager;
  readonly #references: readonly Reference[];

  constructor(program: SyntaxNode, isModule: boolean) {
    this.#manager = analyze(program, {
      ecmaVersion: 2022,
      sourceType: isModule ? 'module' : 'script',
      optimistic: true,
      fallback: 'iteration',
    });
    this.#references = this.#manager.scopes
      .flatMap(({ references }) => references)
      .sort((a, b) => a.identifier.start - b.identifier.start);
  }

  /** Whether the code around a function, or class, is strict. */
  isStrictAround(node: SyntaxNode): boolean {
    return this.#scopeOf(node).upper?.isStrict === true;
  }

  /**
   * References from inside to outside, by eslint-scope's `through`. A class's own scope leaves out its `extends`
   * clause, a method's its computed name, and a declaration's name lies outside of it: these are put right here.
   */
  free(node: SyntaxNode, key?: SyntaxNode): FreeNames {
    const own = /Declaration$/.test(node.type) ? (node.id as { name: string } | null)?.name : undefined;
    const names = new Map<string, boolean>();
    const add = (reference: Reference): void => {
      const { name } = reference.identifier;
      if (name !== own) names.set(name, names.get(name) === true || reference.isWrite());
    };
    for (const reference of this.#scopeOf(node).through) add(reference);
    for (const part of [node.superClass as SyntaxNode | null | undefined, key])
      if (part) for (const reference of this.#outOf(part, node)) add(reference);
    return names;
  }

  /** References inside `part` to what `whole` does not declare. */
  *#outOf(part: SyntaxNode, whole: SyntaxNode): Generator<Reference> {
    for (let at = this.#firstFrom(part.start); at < this.#references.length; at += 1) {
      const reference = this.#references[at] as Reference;
      if (reference.identifier.start >= part.end) return;
      const block = reference.resolved?.scope.block;
      if (block === undefined || !(isWithin(block, part) || isWithin(block, whole))) yield reference;
    }
  }

  #firstFrom(position: number): number {
    let low = 0;
    let high = this.#references.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#references[middle] as Reference).identifier.start < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #scopeOf(node: SyntaxNode): Scope {
    const scope = this.#manager.acquire(node);
    if (scope === null) throw new Error(`eslint-scope has no scope for a ${node.type}`);
    return scope;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
