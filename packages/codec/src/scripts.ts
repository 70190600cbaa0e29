import { type Placed, type ProgramScopes, programScopes, type SyntaxNode } from './free-variables.ts';
import { inspector, type ScriptParsed } from './inspector.ts';
import { pathOf } from './packages.ts';
import { parseProgram } from './source.ts';

/** A script of this thread: where it came from, and its text. */
export interface Script {
  readonly id: string;
  readonly url: string;
  readonly isModule: boolean;
  /** Text as V8 has it; asked for where needed only. */
  readonly text: () => string;
}

const known = new Map<string, ScriptParsed>();
const scripts = new Map<string, Script>();
const texts = new Map<string, string>();

/** The script with this id. The debugger, which knows, stays on until the capture rests the inspector. */
export function scriptOf(scriptId: string): Script {
  let script = scripts.get(scriptId);
  if (script === undefined) {
    if (!known.has(scriptId)) enter();
    const { url = '', isModule = false } = known.get(scriptId) ?? {};
    script = { id: scriptId, url, isModule, text: () => textOf(scriptId) };
    scripts.set(scriptId, script);
  }
  return script;
}

const byPath = new Map<string, string>();
let indexedScripts = 0;

/** The script of a file that this thread has loaded, as far as was seen; the latest where there are several. */
export function scriptOfFile(path: string): Script | undefined {
  if (indexedScripts !== known.size) {
    indexedScripts = known.size;
    for (const { scriptId, url, isModule } of known.values()) {
      const at = pathOf(url);
      if (at !== undefined && (isModule || !byPath.has(at))) byPath.set(at, scriptId); // rebuilt functions bear the file's name too
    }
  }
  const scriptId = byPath.get(path);
  return scriptId === undefined ? undefined : scriptOf(scriptId);
}

/** Whether a file's code is in this thread, as far as was seen. */
export function isLoaded(url: string): boolean {
  for (const { url: each } of known.values()) if (each === url) return true;
  return false;
}

function textOf(scriptId: string): string {
  let text = texts.get(scriptId);
  if (text === undefined) {
    enter();
    text = inspector().scriptText(scriptId);
    texts.set(scriptId, text);
  }
  return text;
}

function enter(): void {
  inspector().enterScripts((script) => {
    if (!known.has(script.scriptId)) known.set(script.scriptId, script);
  });
}

/** A script's syntax, with its scopes. */
export interface Layout extends ProgramScopes {
  readonly program: SyntaxNode;
  readonly lineStarts: readonly number[];
}

const layouts = new Map<string, Layout | undefined>();

/** The function that starts at a place of a script, in its scopes; undefined where the script cannot be parsed. */
export function placedAt(
  script: Script,
  { line, column }: { readonly line: number; readonly column: number },
): Placed | undefined {
  const found = layout(script);
  const { startLine = 0, startColumn = 0 } = known.get(script.id) ?? {};
  const start = found?.lineStarts[line - startLine];
  return start === undefined ? undefined : found?.placed.get(start + column - (line === startLine ? startColumn : 0));
}

/** The syntax of a script; undefined where it cannot be parsed. */
export function layout(script: Script): Layout | undefined {
  if (!layouts.has(script.id)) layouts.set(script.id, layoutOf(script));
  return layouts.get(script.id);
}

function layoutOf(script: Script): Layout | undefined {
  const text = script.text();
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  try {
    const program = parseProgram(text, script.isModule);
    return { program, lineStarts, ...programScopes(program, script.isModule) };
  } catch {
    return undefined;
  }
}
