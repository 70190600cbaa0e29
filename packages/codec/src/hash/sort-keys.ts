/** Up to so many keys are put in order faster than the engine's sort begins. */
const FEW = 32;

/** Sorts keys in place: texts by their UTF-16 units, then symbols by what they are called. */
export function sortKeys(keys: (string | symbol)[]): void {
  if (keys.length > FEW || keys.some((key) => typeof key === 'symbol')) {
    keys.sort(compareKeys);
    return;
  }
  const texts = keys as string[];
  for (let at = 1; at < texts.length; at += 1) {
    const key = texts[at] as string;
    let to = at - 1;
    for (; to >= 0 && (texts[to] as string) > key; to -= 1) texts[to + 1] = texts[to] as string;
    texts[to + 1] = key;
  }
}

function compareKeys(a: string | symbol, b: string | symbol): number {
  if (typeof a !== typeof b) return typeof a === 'symbol' ? 1 : -1;
  const [left, right] = [String(a), String(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
