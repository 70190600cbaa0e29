import type { SyntaxNode } from './free-variables.ts';

/** A local name that stands for something of another module. `imported` is undefined for the whole namespace. */
export interface Import {
  readonly specifier: string;
  readonly imported: string | undefined;
}

/** What a module's syntax says of its imports and exports, by local name. */
export interface ModuleSyntax {
  readonly imports: ReadonlyMap<string, Import>;
  /** Exported names of local bindings. */
  readonly exports: ReadonlyMap<string, string>;
}

/** Reads the import and export declarations of a parsed module, and what vitest makes of imports. */
export function moduleSyntax(program: SyntaxNode): ModuleSyntax {
  const imports = new Map<string, Import>();
  const exports = new Map<string, string>();
  for (const statement of program.body as SyntaxNode[]) {
    switch (statement.type) {
      case 'ImportDeclaration':
        readImport(statement, imports);
        break;
      case 'ExportNamedDeclaration':
        readExport(statement, exports);
        break;
      case 'ExportDefaultDeclaration': {
        const { id, type, name } = statement.declaration as SyntaxNode & { id?: SyntaxNode | null; name?: string };
        if (id) exports.set(id.name as string, 'default');
        else if (type === 'Identifier') exports.set(name as string, 'default');
        break;
      }
      default:
    }
  }
  return { imports, exports };
}

function readImport(statement: SyntaxNode, imports: Map<string, Import>): void {
  const specifier = (statement.source as SyntaxNode).value as string;
  for (const each of statement.specifiers as SyntaxNode[]) {
    const local = (each.local as SyntaxNode).name as string;
    if (each.type === 'ImportNamespaceSpecifier') imports.set(local, { specifier, imported: undefined });
    else if (each.type === 'ImportDefaultSpecifier') imports.set(local, { specifier, imported: 'default' });
    else imports.set(local, { specifier, imported: nameOf(each.imported as SyntaxNode) });
  }
}

function readExport(statement: SyntaxNode, exports: Map<string, string>): void {
  if (statement.source) return; // re-exports have no local binding
  for (const { local, exported } of (statement.specifiers ?? []) as { local: SyntaxNode; exported: SyntaxNode }[]) {
    exports.set(nameOf(local), nameOf(exported));
  }
  const declaration = statement.declaration as SyntaxNode | null;
  if (declaration?.type === 'VariableDeclaration') {
    for (const { id } of declaration.declarations as { id: SyntaxNode }[]) {
      if (id.type === 'Identifier') exports.set(id.name as string, id.name as string);
    }
  } else if (declaration?.id) {
    const name = (declaration.id as SyntaxNode).name as string;
    exports.set(name, name);
  }
}

function nameOf(node: SyntaxNode): string {
  return (node.type === 'Identifier' ? node.name : node.value) as string;
}
