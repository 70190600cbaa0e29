import type { ConsoleLine } from '@jobloom/backends';
import type { CapturedLine } from './options.ts';

/** Gives lines that tasks print to a function, or prints them here behind the index of their task. */
export function consoleTeller(
  captureConsole: true | ((line: CapturedLine) => void),
  fail: (error: unknown) => void,
): (index: number, line: ConsoleLine) => void {
  if (captureConsole === true) return printLine;
  return (index, { stream, text }) => {
    try {
      captureConsole({ index, stream, text });
    } catch (error) {
      fail(error); // a listener that throws fails the call, and nothing else
    }
  };
}

/** `[task 3] text`, on the stream that the task wrote to. */
function printLine(index: number, { stream, text }: ConsoleLine): void {
  process[stream].write(`[task ${index}] ${text}\n`);
}
