import { isNode, type SyntaxNode } from './syntax-node.ts';

/** A block, function or module with the names that it declares. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Declaration>;
  /** Where `var` and sloppy function declarations go. */
  readonly hoists: boolean;
  /** The function, or program, that it is part of. */
  readonly owner: object;
}

/** A declared name. */
export interface Declaration {
  readonly owner: object;
  /** What it is declared as or initialised with, where that is one expression. */
  init: SyntaxNode | undefined;
  /** Assigned after that. */
  reassigned: boolean;
  /** Assigned by code of another function than the one that declares it. */
  reassignedElsewhere: boolean;
}

/** A scope inside another. @param name the one that it begins with, for a function or class that names itself */
export function scopeIn(
  parent: Scope | undefined,
  hoists: boolean,
  name?: string,
  owner: object = parent?.owner ?? {},
): Scope {
  return {
    parent,
    hoists,
    owner,
    names: new Map(
      name === undefined ? [] : [[name, { owner, init: undefined, reassigned: false, reassignedElsewhere: false }]],
    ),
  };
}

/** The declaration that a name means in a scope. */
export function declarationOf(name: string, scope: Scope): Declaration | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const declaration = at.names.get(name);
    if (declaration !== undefined) return declaration;
  }
  return undefined;
}

export function isDeclared(name: string, scope: Scope): boolean {
  return declarationOf(name, scope) !== undefined;
}

export function declare(id: SyntaxNode, scope: Scope, init?: SyntaxNode): void {
  const name = id.name as string;
  const known = scope.names.get(name);
  if (known === undefined)
    scope.names.set(name, { owner: scope.owner, init, reassigned: false, reassignedElsewhere: false });
  else known.reassigned = true; // declared again
}

/** Keeps what a declarator gives its name. */
export function initialise({ id, init }: SyntaxNode, scope: Scope): void {
  if (!isNode(id) || id.type !== 'Identifier' || !isNode(init)) return;
  const declaration = declarationOf(id.name as string, scope);
  if (declaration !== undefined) declaration.init = init;
}

/** The scope that a `var` belongs to. */
export function hoistTarget(scope: Scope): Scope {
  let at = scope;
  while (!at.hoists && at.parent !== undefined) at = at.parent;
  return at;
}
