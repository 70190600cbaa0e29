import { type Placed, programScopes, type Scope } from './free-variables.ts';
import { inspector, type ScriptParsed } from './inspector.ts';
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
    enter();
    const { url = '', isModule = false } = known.get(scriptId) ?? {};
    script = { id: scriptId, url, isModule, text: () => textOf(scriptId) };
    scripts.set(scriptId, script);
  }
  return script;
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

/** Whether a script declares a name outside of all its functions. */
export function declaresAtTop(script: Script, name: string): boolean {
  return layout(script)?.top.names.has(name) ?? false;
}

interface Layout {
  readonly lineStarts: readonly number[];
  readonly top: Scope;
  readonly placed: ReadonlyMap<number, Placed>;
}

const layouts = new Map<string, Layout | undefined>();

/** The function that starts at a place of a script, in its scopes; undefined where the script cannot be parsed. */
export function placedAt(script: Script, { line, column }: { readonly line: number; readonly column: number }): Placed | undefined {
  const found = layout(script);
  const start = found?.lineStarts[line];
  return start === undefined ? undefined : found?.placed.get(start + column);
}

function layout(script: Script): Layout | undefined {
  if (!layouts.has(script.id)) layouts.set(script.id, layoutOf(script));
  return layouts.get(script.id);
}

function layoutOf(script: Script): Layout | undefined {
  const text = script.text();
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  try {
    return { lineStarts, ...programScopes(parseProgram(text, script.isModule), script.isModule) };
  } catch {
    return undefined;
  }
}
