import type { BytesWriter } from './bytes-writer.ts';
import { Tag } from './tags.ts';

/** Writes a text: in UTF-8, or in its units where a surrogate stands alone, which UTF-8 has no bytes for. */
export function writeText(out: BytesWriter, text: string): void {
  if (isWellFormed(text)) {
    out.byte(Tag.text);
    out.utf8(text);
  } else {
    out.byte(Tag.brokenText);
    out.utf16(text);
  }
}

function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800) continue;
    const next = text.charCodeAt(at + 1);
    if (unit > 0xdbff || (next & 0xfc00) !== 0xdc00) return false;
    at += 1;
  }
  return true;
}
