import { inspector, type ScriptParsed } from './inspector.ts';

/** A script of this thread: where it came from, and its text. */
export interface Script {
  readonly url: string;
  readonly isModule: boolean;
  /** Text as V8 has it; asked for where needed only. */
  readonly text: () => string;
}

const known = new Map<string, ScriptParsed>();
const texts = new Map<string, string>();

/** The script with this id. The debugger, which knows, stays on until the capture rests the inspector. */
export function scriptOf(scriptId: string): Script {
  if (!known.has(scriptId)) enter();
  const parsed = known.get(scriptId);
  return {
    url: parsed?.url ?? '',
    isModule: parsed?.isModule ?? false,
    text: () => textOf(scriptId),
  };
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
