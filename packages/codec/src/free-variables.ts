/** A node of an ESTree syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** How a function uses one name that it does not declare. */
export interface FreeVariable {
  /** The code assigns it. */
  written: boolean;
  /** Members read as `name.member`; undefined when the name is also used in another way. */
  members: Set<string> | undefined;
}

/** What a piece of code takes from outside. */
export interface FreeVariables {
  readonly variables: ReadonlyMap<string, FreeVariable>;
  /** `this`, `new.target`, `arguments` or `super` of an enclosing function. */
  readonly outer: ReadonlySet<'this' | 'new.target' | 'arguments' | 'super'>;
  /** A direct `eval(...)`, which could name anything. */
  readonly evals: boolean;
  /** Names with `#` that are used but not declared inside. */
  readonly privateNames: ReadonlySet<string>;
  /** `import(...)` expressions and `import.meta`, in source order. */
  readonly imports: readonly SyntaxNode[];
}

type Thing = 'this' | 'new.target' | 'arguments' | 'super';

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

/** How a name is reached: `first` gives it its first value. */
type Write = 'none' | 'first' | 'again';

interface Reference {
  readonly name: string;
  readonly scope: Scope;
  readonly write: Write;
  readonly member: string | undefined;
}

/**
 * The names that a piece of code uses without declaring them, as ECMAScript's scopes have it:
 * parameters see outer names, not the body's; `var` and, in sloppy code, functions in blocks are hoisted.
 *
 * @param root an expression, usually a function or class
 * @param strict whether the code around is strict
 */
export function freeVariables(root: SyntaxNode, strict: boolean): FreeVariables {
  return new Walk(strict).run(root);
}

/** Every function and class of a program, by where its text starts; methods by where their parameters do. */
export function placedFunctions(program: SyntaxNode, strict: boolean): ReadonlyMap<number, Placed> {
  const walk = new Walk(strict);
  walk.program(program);
  return walk.placed;
}

class Walk {
  readonly placed: Map<number, Placed> = new Map<number, Placed>();
  readonly #references: Reference[] = [];
  readonly #outer = new Set<Thing>();
  readonly #privateNames = new Set<string>();
  readonly #imports: SyntaxNode[] = [];
  #evals = false;
  /** Loops around the place, within the function around it. */
  #loops = 0;
  #strict: boolean;
  /** Functions with a `this` (or `arguments`) of their own around the place. */
  #thisDepth = 0;
  #argumentsDepth = 0;
  #superDepth = 0;
  readonly #classes: Set<string>[] = [];

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  run(root: SyntaxNode): FreeVariables {
    const top = scopeIn(undefined, true);
    this.#visit(root, top);
    const variables = new Map<string, FreeVariable>();
    for (const { name, scope, write, member } of this.#references) {
      if (declarationOf(name, scope) !== undefined) continue;
      const written = write !== 'none';
      const known = variables.get(name);
      if (known === undefined) {
        variables.set(name, { written, members: member === undefined ? undefined : new Set([member]) });
        continue;
      }
      known.written ||= written;
      if (member === undefined) known.members = undefined;
      else known.members?.add(member);
    }
    return {
      variables,
      outer: this.#outer,
      evals: this.#evals,
      privateNames: this.#privateNames,
      imports: this.#imports,
    };
  }

  program(program: SyntaxNode): void {
    const statements = program.body as SyntaxNode[];
    if (hasUseStrict(statements)) this.#strict = true;
    this.#block(statements, scopeIn(undefined, true));
    for (const { name, scope, write } of this.#references) {
      const declaration = write === 'again' ? declarationOf(name, scope) : undefined;
      if (declaration !== undefined) declaration.reassigned = true;
    }
  }

  #refer(name: string, scope: Scope, write: Write = 'none', member?: string): void {
    if (name === 'arguments' && this.#argumentsDepth === 0 && !isDeclared(name, scope)) this.#outer.add('arguments');
    else if (name !== 'arguments' || this.#argumentsDepth === 0) this.#references.push({ name, scope, write, member });
  }

  #visit(node: unknown, scope: Scope): void {
    if (Array.isArray(node)) {
      for (const each of node) this.#visit(each, scope);
      return;
    }
    if (!isNode(node)) return;
    switch (node.type) {
      case 'Identifier':
        this.#refer(node.name as string, scope);
        break;
      case 'PrivateIdentifier':
      case 'PrivateName':
        this.#private(node.name as string);
        break;
      case 'ThisExpression':
        if (this.#thisDepth === 0) this.#outer.add('this');
        break;
      case 'Super':
        if (this.#superDepth === 0) this.#outer.add('super');
        break;
      case 'MetaProperty':
        if ((node.meta as SyntaxNode).name === 'import') this.#imports.push(node);
        else if (this.#argumentsDepth === 0) this.#outer.add('new.target');
        break;
      case 'ImportExpression':
        this.#imports.push(node);
        this.#children(node, scope);
        break;
      case 'CallExpression':
        this.#call(node, scope);
        break;
      case 'MemberExpression':
        this.#member(node, scope);
        break;
      case 'Property':
      case 'PropertyDefinition':
      case 'MethodDefinition':
      case 'AccessorProperty':
        this.#property(node, scope);
        break;
      case 'AssignmentExpression':
        this.#target(node.left, scope, 'again');
        this.#visit(node.right, scope);
        break;
      case 'UpdateExpression':
        this.#target(node.argument, scope, 'again');
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#function(node, scope);
        break;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#class(node, scope);
        break;
      case 'StaticBlock':
        this.#own(() => this.#block(node.body as SyntaxNode[], scopeIn(scope, true)));
        break;
      case 'BlockStatement':
        this.#block(node.body as SyntaxNode[], scopeIn(scope, false));
        break;
      case 'SwitchStatement':
        this.#visit(node.discriminant, scope);
        this.#switch(node.cases as SyntaxNode[], scopeIn(scope, false));
        break;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#loops += 1;
        this.#for(node, scopeIn(scope, false));
        this.#loops -= 1;
        break;
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.#loops += 1;
        this.#children(node, scope);
        this.#loops -= 1;
        break;
      case 'CatchClause':
        this.#catch(node, scopeIn(scope, false));
        break;
      case 'VariableDeclaration':
        for (const declarator of node.declarations as SyntaxNode[]) {
          this.#target(declarator.id, scope, declarator.init ? 'first' : 'none');
          if (node.kind !== 'var') initialise(declarator, scope);
          this.#visit(declarator.init, scope);
        }
        break;
      case 'LabeledStatement':
        this.#visit(node.body, scope);
        break;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        break;
      default:
        this.#children(node, scope);
    }
  }

  #children(node: SyntaxNode, scope: Scope): void {
    for (const key in node) {
      const child = node[key];
      if (typeof child === 'object' && child !== null && key !== 'range' && key !== 'loc') this.#visit(child, scope);
    }
  }

  #private(name: string): void {
    const bare = name.startsWith('#') ? name : `#${name}`;
    if (!this.#classes.some((names) => names.has(bare))) this.#privateNames.add(bare);
  }

  #call(node: SyntaxNode, scope: Scope): void {
    const callee = node.callee as SyntaxNode;
    if (callee.type === 'Identifier' && callee.name === 'eval' && !isDeclared('eval', scope)) this.#evals = true;
    this.#children(node, scope);
  }

  #member(node: SyntaxNode, scope: Scope): void {
    const object = node.object as SyntaxNode;
    const property = node.property as SyntaxNode;
    const fixed = memberName(node);
    if (object.type === 'Identifier' && fixed !== undefined) this.#refer(object.name as string, scope, 'none', fixed);
    else this.#visit(object, scope);
    if (node.computed) this.#visit(property, scope);
    else if (property.type !== 'Identifier') this.#visit(property, scope);
  }

  #property(node: SyntaxNode, scope: Scope): void {
    const key = node.key as SyntaxNode;
    if (node.computed) this.#visit(key, scope);
    this.#visit(node.decorators, scope);
    if (node.type === 'PropertyDefinition' || node.type === 'AccessorProperty')
      this.#own(() => this.#visit(node.value, scopeIn(scope, true)));
    else if (node.type === 'MethodDefinition' || node.method || node.kind === 'get' || node.kind === 'set')
      this.#method(node.value as SyntaxNode, scope);
    else this.#visit(node.value, scope);
  }

  #method(node: SyntaxNode, scope: Scope): void {
    this.#superDepth += 1;
    this.#visit(node, scope);
    this.#superDepth -= 1;
  }

  /** Code with `this` and `super` of its own. */
  #own(body: () => void): void {
    this.#loops += 1; // fields are evaluated for each instance
    this.#thisDepth += 1;
    this.#superDepth += 1;
    this.#argumentsDepth += 1;
    body();
    this.#argumentsDepth -= 1;
    this.#superDepth -= 1;
    this.#thisDepth -= 1;
    this.#loops -= 1;
  }

  /** What is assigned, or declared. */
  #target(node: unknown, scope: Scope, write: Write): void {
    if (!isNode(node)) return;
    switch (node.type) {
      case 'Identifier':
        this.#refer(node.name as string, scope, write);
        break;
      case 'ObjectPattern':
      case 'ObjectExpression':
        for (const property of node.properties as SyntaxNode[]) {
          if (property.computed) this.#visit(property.key, scope);
          this.#target(property.type === 'Property' ? property.value : property.argument, scope, write);
        }
        break;
      case 'ArrayPattern':
      case 'ArrayExpression':
        for (const element of node.elements as (SyntaxNode | null)[]) this.#target(element, scope, write);
        break;
      case 'AssignmentPattern':
      case 'AssignmentExpression':
        this.#target(node.left, scope, write);
        this.#visit(node.right, scope);
        break;
      case 'RestElement':
      case 'SpreadElement':
        this.#target(node.argument, scope, write);
        break;
      case 'ParenthesizedExpression':
        this.#target(node.expression, scope, write);
        break;
      default:
        this.#visit(node, scope);
    }
  }

  #function(node: SyntaxNode, scope: Scope): void {
    const isArrow = node.type === 'ArrowFunctionExpression';
    this.placed.set(node.start, {
      node,
      scope,
      strict: this.#strict,
      thisIsModules: this.#thisDepth === 0,
      once: this.#loops === 0,
    });
    const outerStrict = this.#strict;
    const { id } = node as { id?: SyntaxNode | null };
    const named = node.type === 'FunctionExpression' && id ? scopeIn(scope, false, id.name as string) : scope;
    const body = node.body as SyntaxNode;
    const statements = body.type === 'BlockStatement' ? (body.body as SyntaxNode[]) : undefined;
    if (statements !== undefined && hasUseStrict(statements)) this.#strict = true;
    const loops = this.#loops;
    this.#loops = 0;
    const visit = (): void => {
      const parameters = scopeIn(named, true, undefined, node);
      for (const parameter of node.params as SyntaxNode[]) declarePattern(parameter, parameters);
      for (const parameter of node.params as SyntaxNode[]) this.#target(parameter, parameters, 'first');
      if (statements === undefined) this.#visit(body, parameters);
      else this.#block(statements, scopeIn(parameters, true));
    };
    if (isArrow) {
      visit();
    } else {
      const superDepth = this.#superDepth;
      this.#thisDepth += 1;
      this.#argumentsDepth += 1;
      visit();
      this.#argumentsDepth -= 1;
      this.#thisDepth -= 1;
      this.#superDepth = superDepth;
    }
    this.#loops = loops;
    this.#strict = outerStrict;
  }

  #class(node: SyntaxNode, scope: Scope): void {
    const outerStrict = this.#strict;
    this.placed.set(node.start, {
      node,
      scope,
      strict: this.#strict,
      thisIsModules: this.#thisDepth === 0,
      once: this.#loops === 0,
    });
    this.#strict = true;
    this.#visit(node.decorators, scope);
    const { id } = node as { id?: SyntaxNode | null };
    const inner = scopeIn(scope, false, id ? (id.name as string) : undefined);
    this.#visit(node.superClass, inner);
    const members = (node.body as SyntaxNode).body as SyntaxNode[];
    const names = new Set<string>();
    for (const { key } of members as { key?: SyntaxNode }[]) {
      if (key?.type === 'PrivateIdentifier' || key?.type === 'PrivateName') names.add(bareName(key.name as string));
    }
    this.#classes.push(names);
    this.#visit(members, inner);
    this.#classes.pop();
    this.#strict = outerStrict;
  }

  #block(statements: readonly SyntaxNode[], scope: Scope): void {
    for (const statement of statements) this.#declare(statement, scope, true);
    this.#visit(statements, scope);
  }

  #switch(cases: readonly SyntaxNode[], scope: Scope): void {
    for (const each of cases)
      for (const statement of each.consequent as SyntaxNode[]) this.#declare(statement, scope, true);
    this.#visit(cases, scope);
  }

  #for(node: SyntaxNode, scope: Scope): void {
    const head = (node.type === 'ForStatement' ? node.init : node.left) as SyntaxNode | null;
    this.#declare(head, scope, true);
    if (node.type === 'ForStatement') {
      this.#visit(head, scope);
    } else if (head?.type === 'VariableDeclaration') {
      for (const { id } of head.declarations as { id: SyntaxNode }[]) this.#target(id, scope, 'first');
    } else {
      this.#target(head, scope, 'again');
    }
    for (const key of ['right', 'test', 'update', 'body']) this.#visit(node[key], scope);
  }

  #catch(node: SyntaxNode, scope: Scope): void {
    if (isNode(node.param)) {
      declarePattern(node.param, scope);
      this.#target(node.param, scope, 'first');
    }
    this.#visit(node.body, scope);
  }

  /** Declares what a statement brings into its block, and whatever it hoists from inside. */
  #declare(statement: unknown, scope: Scope, direct: boolean): void {
    if (!isNode(statement)) return;
    switch (statement.type) {
      case 'VariableDeclaration': {
        const target = statement.kind === 'var' ? hoistTarget(scope) : scope;
        if (statement.kind !== 'var' && !direct) return;
        for (const { id } of statement.declarations as { id: SyntaxNode }[]) declarePattern(id, target);
        break;
      }
      case 'FunctionDeclaration':
        if (direct) declare(statement.id as SyntaxNode, scope, statement);
        if (!this.#strict && !scope.hoists) declare(statement.id as SyntaxNode, hoistTarget(scope));
        break;
      case 'ClassDeclaration':
        if (direct) declare(statement.id as SyntaxNode, scope, statement);
        break;
      case 'ImportDeclaration':
        for (const { local } of statement.specifiers as { local: SyntaxNode }[]) declare(local, scope);
        break;
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
        if (
          (statement.declaration as { id?: SyntaxNode | null } | null)?.id ||
          (statement.declaration as SyntaxNode | null)?.type === 'VariableDeclaration'
        ) {
          this.#declare(statement.declaration, scope, direct);
        }
        break;
      case 'LabeledStatement':
        this.#declare(statement.body, scope, direct);
        break;
      case 'ExpressionStatement':
      case 'ReturnStatement':
      case 'ThrowStatement':
        break;
      default:
        this.#hoist(statement, scope);
    }
  }

  /** Finds `var` inside nested statements. */
  #hoist(statement: SyntaxNode, scope: Scope): void {
    const parts: readonly unknown[] = HOISTING[statement.type]?.map((key) => statement[key]) ?? [];
    const inner = statement.type === 'IfStatement' ? scope : scopeIn(scope, false);
    for (const part of parts) {
      for (const each of Array.isArray(part) ? part : [part]) this.#declare(each, inner, false);
    }
  }
}

/** Where statements have statements inside. */
const HOISTING: Readonly<Record<string, readonly string[]>> = {
  BlockStatement: ['body'],
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['init', 'body'],
  ForInStatement: ['left', 'body'],
  ForOfStatement: ['left', 'body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
  WithStatement: ['body'],
  TryStatement: ['block', 'handler', 'finalizer'],
  CatchClause: ['body'],
  SwitchStatement: ['cases'],
  SwitchCase: ['consequent'],
};

function scopeIn(
  parent: Scope | undefined,
  hoists: boolean,
  name?: string,
  owner: object = parent?.owner ?? {},
): Scope {
  return {
    parent,
    hoists,
    owner,
    names: new Map(name === undefined ? [] : [[name, { owner, init: undefined, reassigned: false }]]),
  };
}

function isDeclared(name: string, scope: Scope): boolean {
  return declarationOf(name, scope) !== undefined;
}

/** The declaration that a name means in a scope. */
export function declarationOf(name: string, scope: Scope): Declaration | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const declaration = at.names.get(name);
    if (declaration !== undefined) return declaration;
  }
  return undefined;
}

function declare(id: SyntaxNode, scope: Scope, init?: SyntaxNode): void {
  const name = id.name as string;
  const known = scope.names.get(name);
  if (known === undefined) scope.names.set(name, { owner: scope.owner, init, reassigned: false });
  else known.reassigned = true; // declared again
}

/** Keeps what a declarator gives its name. */
function initialise({ id, init }: SyntaxNode, scope: Scope): void {
  if (!isNode(id) || id.type !== 'Identifier' || !isNode(init)) return;
  const declaration = declarationOf(id.name as string, scope);
  if (declaration !== undefined) declaration.init = init;
}

function hoistTarget(scope: Scope): Scope {
  let at = scope;
  while (!at.hoists && at.parent !== undefined) at = at.parent;
  return at;
}

function declarePattern(node: SyntaxNode | null | undefined, scope: Scope): void {
  switch (node?.type) {
    case 'Identifier':
      declare(node, scope);
      break;
    case 'ObjectPattern':
      for (const property of node.properties as SyntaxNode[]) {
        declarePattern((property.type === 'Property' ? property.value : property.argument) as SyntaxNode, scope);
      }
      break;
    case 'ArrayPattern':
      for (const element of node.elements as (SyntaxNode | null)[]) declarePattern(element, scope);
      break;
    case 'AssignmentPattern':
      declarePattern(node.left as SyntaxNode, scope);
      break;
    case 'RestElement':
      declarePattern(node.argument as SyntaxNode, scope);
      break;
    default:
  }
}

/** Whether a function body starts with the directive `'use strict'`. */
export function hasUseStrict(statements: readonly SyntaxNode[]): boolean {
  for (const { type, directive, expression } of statements) {
    if (type !== 'ExpressionStatement' || (expression as SyntaxNode).type !== 'Literal') return false;
    if (directive === 'use strict') return true;
  }
  return false;
}

/** The fixed name in `object.name` or `object['name']`. */
function memberName(node: SyntaxNode): string | undefined {
  const property = node.property as SyntaxNode;
  if (!node.computed) return property.type === 'Identifier' ? (property.name as string) : undefined;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}

function bareName(name: string): string {
  return name.startsWith('#') ? name : `#${name}`;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
