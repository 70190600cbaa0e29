import { runningHere } from './current-task.ts';
import type { ConsoleStream } from './running.ts';

let installed = false;

/**
 * From now on, what a task prints goes to whoever captures it; everything else is printed as before.
 * Console, process.stdout and process.stderr all come by `write`.
 */
export function captureConsole(): void {
  if (installed) return;
  installed = true;
  for (const name of ['stdout', 'stderr'] as const) divert(name, process[name]);
}

function divert(name: ConsoleStream, stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = ((chunk: unknown, ...rest: unknown[]): boolean => {
    const running = runningHere();
    if (!running?.capturesConsole) return write(chunk, ...rest);
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : undefined;
    running.print(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString(encoding));
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(done as () => void);
    return true;
  }) as typeof stream.write;
}
