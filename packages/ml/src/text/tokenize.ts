/** Python's word characters beyond ASCII. */
const WORD = /[\p{L}\p{N}_]{2,}/gu;

/** Words of two or more letters, digits and underscores: scikit-learn's default pattern, `\b\w\w+\b` of Python. */
export function defaultTokens(document: string): string[] {
  const tokens: string[] = [];
  let start = -1;
  for (let i = 0; i < document.length; i += 1) {
    const code = document.charCodeAt(i);
    if (code > 127) return document.match(WORD) ?? [];
    const isWord =
      (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
    if (isWord) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      if (i - start > 1) tokens.push(document.slice(start, i));
      start = -1;
    }
  }
  if (start >= 0 && document.length - start > 1) tokens.push(document.slice(start));
  return tokens;
}

/** Words by a pattern: its group where it has one, else the whole match. */
export function patternTokens(pattern: string): (document: string) => string[] {
  const regexp = new RegExp(pattern, 'gu');
  return (document) => Array.from(document.matchAll(regexp), (match) => match[1] ?? match[0]);
}

/** Letters without their accents: of all scripts, or ASCII alone. */
export function stripAccents(text: string, kind: 'ascii' | 'unicode'): string {
  const apart = text.normalize('NFKD');
  return kind === 'ascii' ? apart.replace(/[^\0-\x7f]/g, '') : apart.replace(/\p{Mn}/gu, '');
}
