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
/** The script with this id. */
export function scriptOf(scriptId: string): Script {
  if (!known.has(scriptId)) learn();
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
    learn([scriptId]);
    text = texts.get(scriptId) ?? '';
  }
  return text;
}

/** One stay in the debugger costs tens of milliseconds: the texts of all the user's scripts are fetched with it. */
function learn(wanted: readonly string[] = []): void {
  const fresh: ScriptParsed[] = [];
  inspector().scripts(
    (script) => {
      if (known.has(script.scriptId)) return;
      known.set(script.scriptId, script);
      fresh.push(script);
    },
    (sourceOf) => {
      for (const scriptId of wanted) texts.set(scriptId, sourceOf(scriptId));
      for (const { scriptId, url } of fresh) if (isUsers(url)) texts.set(scriptId, sourceOf(scriptId));
    },
  );
}

function isUsers(url: string): boolean {
  return url !== '' && !url.startsWith('node:') && !url.includes('/node_modules/') && !url.startsWith('evalmachine');
}
