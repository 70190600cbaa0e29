import type { ProgressEvent } from '@jobloom/parallel';

/** Shows progress on stderr: one line that is rewritten on a terminal, a line per quarter elsewhere. */
export function progressLine(name: string): (event: ProgressEvent) => void {
  let shown = 0;
  return ({ done, total = 0 }) => {
    const text = `  ${name}: ${done} of ${total} tasks`;
    if (process.stderr.isTTY) {
      process.stderr.write(done < total ? `\r${text}` : `\r${' '.repeat(text.length)}\r`);
    } else if (done === total || done >= shown + total / 4) {
      shown = done;
      process.stderr.write(`${text}\n`);
    }
  };
}
