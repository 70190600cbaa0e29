const LIMIT = 1000;

/** Codes that a warning was given for: one is enough. */
const warned = new Set<string>();

/** Counts the functions of one call by their source, and warns of a loop that makes a closure for each task. */
export class FreshClosures {
  readonly #counts = new Map<string, number>();

  /** Another function of this source was captured. @param code its hash @param text its code as it travels */
  count(code: string, text: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count !== LIMIT || warned.has(code)) return;
    warned.add(code);
    process.emitWarning(messageFor(text), { type: 'JobloomWarning', code: 'JOBLOOM_FRESH_CLOSURES' });
  }
}

/** The text of a code: a line of JSON that says where it is from, then the source. */
function messageFor(text: string): string {
  const { url, line } = JSON.parse(text.slice(0, text.indexOf('\n'))) as {
    readonly url: string;
    readonly line: number;
  };
  const source = text.slice(text.indexOf('\n') + 1).replace(/\s+/g, ' ');
  const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
  const where = url === '' ? '' : ` (${url}:${line + 1})`;
  return `one call captured ${LIMIT} functions of the same source: ${shown}${where}. Each is looked at anew, which costs about 0.2 ms. Make the function once, outside of the loop, and pass what changes as arguments: delayed(fn)(value)`;
}
