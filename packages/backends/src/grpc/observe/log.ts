/** What a line of the log says besides its text. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type LogLevel = 'info' | 'warn' | 'error';

/** Where a daemon says what it does. */
export type Log = (level: LogLevel, event: string, text: string, fields?: LogFields) => void;

/** For people: `12:00:00 warn  text (key=value)`; as JSON: one object a line with time, level, event, text and the fields. */
export type LogForm = 'text' | 'json';

/** A log that writes lines. What comes from strangers cannot begin a line of its own. */
export function makeLog(
  form: LogForm,
  write: (line: string) => void = (line) => void process.stderr.write(line),
  now: () => Date = () => new Date(),
): Log {
  return (level, event, text, fields = {}) => {
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    if (form === 'json') {
      write(`${JSON.stringify({ time: now().toISOString(), level, event, text, ...Object.fromEntries(known) })}\n`);
      return;
    }
    const tail = known.map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : value}`).join(' ');
    write(
      `${now().toISOString().slice(11, 19)} ${level.padEnd(5)} ${oneLine(text)}${tail === '' ? '' : ` (${tail})`}\n`,
    );
  };
}

function quoted(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}
