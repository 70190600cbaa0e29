import type { SyntaxNode } from './free-variables.ts';
import { type Import, type ModuleSyntax, moduleSyntax } from './module-syntax.ts';
import type { Script } from './scripts.ts';
import { parseProgram } from './source.ts';

const syntaxes = new Map<string, ModuleSyntax>();
const NO_SYNTAX: ModuleSyntax = { imports: new Map(), exports: new Map() };

/** What a module imports and exports. */
export function syntaxOf(script: Script): ModuleSyntax {
  let syntax = syntaxes.get(script.url);
  if (syntax === undefined) {
    syntax = readSyntax(script);
    syntaxes.set(script.url, syntax);
  }
  return syntax;
}

function readSyntax(script: Script): ModuleSyntax {
  const text = script.text();
  if (!/\b(?:import|export)\b|__vite_ssr_import__/.test(text)) return NO_SYNTAX;
  const awaited = awaitedImports(text);
  if (!script.isModule) return { imports: awaited, exports: new Map() };
  try {
    const { imports, exports } = moduleSyntax(parseProgram(text, true) as SyntaxNode);
    return { imports: new Map([...awaited, ...imports]), exports };
  } catch {
    return { imports: awaited, exports: new Map() }; // newer syntax than the parser's: values are captured instead of referred to
  }
}

/** `const name = await import('…')`, also as vitest writes every import. */
function awaitedImports(text: string): Map<string, Import> {
  const found = new Map<string, Import>();
  const pattern = /\b(?:const|let|var)\s+([\w$]+)\s*=\s*await\s+(?:__vite_ssr_import__|import)\(\s*["']([^"']+)["']/g;
  for (const [, local = '', specifier = ''] of text.matchAll(pattern))
    found.set(local, { specifier, imported: undefined });
  return found;
}
