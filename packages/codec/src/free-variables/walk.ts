import { isDeclared, type Scope } from './scope.ts';
import { isNode, type SyntaxNode } from './syntax-node.ts';
import { VISITORS } from './visitors.ts';

/** What a function may take from the function around it, besides variables. */
export type Thing = 'this' | 'new.target' | 'arguments' | 'super';

/** How a name is reached: `first` gives it its first value. */
export type Write = 'none' | 'first' | 'again';

/** A place that uses a name. */
export interface Reference {
  readonly name: string;
  readonly scope: Scope;
  readonly write: Write;
  readonly member: string | undefined;
}

/** A function of a program: where it stands. */
export interface Placed {
  readonly node: SyntaxNode;
  /** The scope around it. */
  readonly scope: Scope;
  readonly strict: boolean;
  /** It has no `this` of its own, and nothing around it has. */
  readonly thisIsModules: boolean;
  /** Made at most once in each run of the function around it: no loop is in between. */
  readonly once: boolean;
}

/** Reads a node of one kind: notes what it uses, and goes on with its parts. */
export type Visitor = (walk: Walk, node: SyntaxNode, scope: Scope) => void;

/** One pass over a syntax tree: what it found, and where it is. */
export class Walk {
  readonly placed: Map<number, Placed> = new Map<number, Placed>();
  readonly references: Reference[] = [];
  readonly outer: Set<Thing> = new Set<Thing>();
  readonly privateNames: Set<string> = new Set<string>();
  readonly imports: SyntaxNode[] = [];
  evals = false;
  strict: boolean;
  /** Loops around the place, within the function around it. */
  loops = 0;
  /** Functions with a `this`, `arguments` or `super` of their own around the place. */
  thisDepth = 0;
  argumentsDepth = 0;
  superDepth = 0;
  /** Private names of the classes around the place. */
  readonly classes: Set<string>[] = [];

  constructor(strict: boolean) {
    this.strict = strict;
  }

  visit(node: unknown, scope: Scope): void {
    if (Array.isArray(node)) {
      for (const each of node) this.visit(each, scope);
      return;
    }
    if (!isNode(node)) return;
    const visitor = VISITORS.get(node.type);
    if (visitor === undefined) this.children(node, scope);
    else visitor(this, node, scope);
  }

  children(node: SyntaxNode, scope: Scope): void {
    for (const key in node) {
      const child = node[key];
      if (typeof child === 'object' && child !== null && key !== 'range' && key !== 'loc') this.visit(child, scope);
    }
  }

  refer(name: string, scope: Scope, write: Write = 'none', member?: string): void {
    if (name !== 'arguments' || this.argumentsDepth > 0 || isDeclared(name, scope)) {
      if (name !== 'arguments' || this.argumentsDepth === 0) this.references.push({ name, scope, write, member });
    } else this.outer.add('arguments');
  }

  /** Notes where a function or class stands. */
  place(node: SyntaxNode, scope: Scope): void {
    this.placed.set(node.start, {
      node,
      scope,
      strict: this.strict,
      thisIsModules: this.thisDepth === 0,
      once: this.loops === 0,
    });
  }

  inLoop(body: () => void): void {
    this.loops += 1;
    body();
    this.loops -= 1;
  }

  /** Code of a class's field or static block, with `this`, `arguments` and `super` of its own. */
  inField(body: () => void): void {
    this.loops += 1; // fields are evaluated for each instance
    this.thisDepth += 1;
    this.superDepth += 1;
    this.argumentsDepth += 1;
    body();
    this.argumentsDepth -= 1;
    this.superDepth -= 1;
    this.thisDepth -= 1;
    this.loops -= 1;
  }
}
