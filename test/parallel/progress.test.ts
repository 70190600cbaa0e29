import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LineReporter } from '../../packages/parallel/src/progress/line-reporter.ts';
import { Meter } from '../../packages/parallel/src/progress/meter.ts';
import type { ProgressEvent } from '../../packages/parallel/src/progress/progress-event.ts';
import { barText, progressLine, span, together } from '../../packages/parallel/src/progress/progress-text.ts';
import { type Screen, Terminal } from '../../packages/parallel/src/progress/terminal.ts';
import { nextLineAt, streamAt } from '../../packages/parallel/src/progress/verbosity.ts';

const event = (more: Partial<ProgressEvent> = {}): ProgressEvent => ({
  done: 3,
  failed: 0,
  underway: 2,
  total: 9,
  rate: 2,
  etaMs: 3000,
  workers: 2,
  elapsedMs: 1500,
  ...more,
});

describe('lines at joblib’s levels', () => {
  const linesUntil = (last: number, verbose: number): number[] => {
    const lines: number[] = [];
    for (let at = nextLineAt(0, verbose); at <= last; at = nextLineAt(at, verbose)) lines.push(at);
    return lines;
  };

  test('the first with the first task, then gaps that grow with the square root', () => {
    expect(linesUntil(1000, 1)).toEqual([1, 50, 200, 450, 800]);
    expect(linesUntil(200, 5)).toEqual([1, 18, 72, 162]);
    expect(linesUntil(60, 10)).toEqual([1, 2, 5, 8, 13, 18, 25, 32, 41, 50]);
  });

  test('above 10, one with every outcome', () => {
    expect(linesUntil(5, 11)).toEqual([1, 2, 3, 4, 5]);
    expect(linesUntil(3, 100)).toEqual([1, 2, 3]);
  });

  test('stderr below 50, stdout from 50 on', () => {
    expect([1, 49, 49.5, 50, 100].map(streamAt)).toEqual(['stderr', 'stderr', 'stderr', 'stdout', 'stdout']);
  });

  test('no more than ten a second, and the last in any case', () => {
    const lines: string[] = [];
    const reporter = new LineReporter(11, (line) => lines.push(line));
    for (let done = 1; done <= 50; done += 1) {
      reporter.tell(event({ done, total: 50, elapsedMs: done * 10, etaMs: (50 - done) * 10 }));
    }
    reporter.end(event({ done: 50, total: 50, elapsedMs: 500, etaMs: 0 }));
    expect(lines).toEqual([
      '[Parallel(nJobs=2)] 1 of 50 done in 0.0 s, about 0.5 s left',
      '[Parallel(nJobs=2)] 11 of 50 done in 0.1 s, about 0.4 s left',
      '[Parallel(nJobs=2)] 21 of 50 done in 0.2 s, about 0.3 s left',
      '[Parallel(nJobs=2)] 31 of 50 done in 0.3 s, about 0.2 s left',
      '[Parallel(nJobs=2)] 41 of 50 done in 0.4 s, about 0.1 s left',
      '[Parallel(nJobs=2)] 50 of 50 done in 0.5 s',
    ]);
  });

  test('a call that stops says where, once', () => {
    const lines: string[] = [];
    const reporter = new LineReporter(11, (line) => lines.push(line));
    reporter.tell(event({ done: 1, total: 50, elapsedMs: 10, etaMs: 490 }));
    reporter.end(event({ done: 1, total: 50, elapsedMs: 20, etaMs: 980 }));
    expect(lines).toEqual(['[Parallel(nJobs=2)] 1 of 50 done in 0.0 s, about 0.5 s left']);
  });
});

describe('what is counted', () => {
  const around = { taken: 6, total: 10, workers: 2 };

  test('done, failed, under way, rate and what is left', () => {
    const meter = new Meter();
    meter.add(3, 1, 1000);
    expect(meter.event(around, 1000)).toEqual({
      done: 3,
      failed: 1,
      underway: 3,
      total: 10,
      rate: 3,
      etaMs: 7000 / 3,
      workers: 2,
      elapsedMs: 1000,
    });
  });

  test('the rate is the mean of all at first', () => {
    const meter = new Meter();
    meter.add(1, 0, 1000);
    meter.add(3, 0, 2000);
    expect(meter.event(around, 2000).rate).toBe(2);
  });

  test('later it follows the last seconds', () => {
    const meter = new Meter();
    meter.add(1000, 0, 100_000);
    meter.add(100, 0, 105_000); // 20 a second, after 10
    expect(meter.event({ ...around, total: undefined }, 105_000).rate).toBeCloseTo(10 + 10 * (1 - Math.exp(-1)), 10);
  });

  test('outcomes of one moment count with the next', () => {
    const meter = new Meter();
    meter.add(1, 0, 1000);
    meter.add(1, 0, 1000);
    expect(meter.event(around, 1000).rate).toBe(1);
    meter.add(0, 0, 2000);
    expect(meter.event(around, 2000).rate).toBe(1);
  });

  test('nothing is known before the first outcome, nor of an input without a length', () => {
    expect(new Meter().event(around, 10).etaMs).toBeUndefined();
    const meter = new Meter();
    meter.add(3, 0, 1000);
    expect(meter.event({ ...around, total: undefined }, 1000).etaMs).toBeUndefined();
    expect(meter.event({ ...around, total: 3 }, 1000).etaMs).toBe(0);
  });
});

describe('text', () => {
  test('a line', () => {
    expect(progressLine(event())).toBe('[Parallel(nJobs=2)] 3 of 9 done in 1.5 s, about 3.0 s left');
    expect(progressLine(event({ failed: 1 }))).toBe(
      '[Parallel(nJobs=2)] 3 of 9 done, 1 failed in 1.5 s, about 3.0 s left',
    );
    expect(progressLine(event({ total: undefined, etaMs: undefined }))).toBe('[Parallel(nJobs=2)] 3 done in 1.5 s');
  });

  test('beside the bar', () => {
    expect(barText(event())).toEqual({ text: '3 of 9, 2.0/s, about 3.0 s left, 2 workers', failures: '' });
    expect(barText(event({ failed: 2, workers: 1, total: undefined, etaMs: undefined, rate: 1234.5 }))).toEqual({
      text: '3, 1235/s, 1.5 s, 1 worker',
      failures: '2 failed',
    });
  });

  test('spans of time', () => {
    expect([0, 949, 59_900, 59_990, 65_000, 3_599_400, 3_600_000, 7_380_000].map(span)).toEqual([
      '0.0 s',
      '0.9 s',
      '59.9 s',
      '1 min 0 s',
      '1 min 5 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 3 min',
    ]);
  });

  test('several calls as one: counts add up, the longest time left counts', () => {
    expect(together([event(), event({ done: 1, total: 4, rate: 1, etaMs: 5000, workers: 4, failed: 1 })])).toEqual(
      event({ done: 4, total: 13, rate: 3, etaMs: 5000, workers: 4, failed: 1, underway: 4 }),
    );
    const unknown = together([event(), event({ total: undefined, etaMs: undefined })]);
    expect([unknown.total, unknown.etaMs]).toEqual([undefined, undefined]);
  });
});

describe('the bar on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  const START = '\x1b[1G';
  const REST = '\x1b[0K';
  const GONE = '\x1b[2K\x1b[1G';

  /** A terminal of 100 columns that keeps what is written, with the sequences that tty.WriteStream sends. */
  const fakeScreen = (colours = false) => {
    let written = '';
    const write = (text: string): boolean => {
      written += text;
      return true;
    };
    const screen = {
      isTTY: true,
      columns: 100,
      hasColors: () => colours,
      write,
      cursorTo: () => write(START),
      clearLine: (direction?: number) => write(direction === 1 ? REST : '\x1b[2K'),
    } as unknown as Screen;
    const take = (): string => {
      const taken = written;
      written = '';
      return taken;
    };
    return { screen, take };
  };
  const frame = async (): Promise<void> => {
    vi.advanceTimersByTime(100);
    await vi.dynamicImportSettled();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const bar = (full: number): string => '█'.repeat(full) + '░'.repeat(30 - full);

  test('drawn each tenth of a second where something changed, and gone at the end', async () => {
    const { screen, take } = fakeScreen();
    let now = event();
    const hide = new Terminal(screen).show(() => now);
    expect(take()).toBe('');
    await frame();
    expect(take()).toBe(`${START}${bar(10)} 3 of 9, 2.0/s, about 3.0 s left, 2 workers${REST}`);
    await frame();
    expect(take()).toBe('');
    now = event({ done: 6, failed: 1 });
    await frame();
    expect(take()).toBe(`${START}${bar(20)} 6 of 9, 2.0/s, about 3.0 s left, 2 workers, 1 failed${REST}`);
    hide();
    expect(take()).toBe(GONE);
    await frame();
    expect(take()).toBe('');
  });

  test('a call shorter than a frame shows none', async () => {
    const { screen, take } = fakeScreen();
    new Terminal(screen).show(() => event())();
    await frame();
    expect(take()).toBe('');
  });

  test('without a known end there is no bar, but what is known', async () => {
    const { screen, take } = fakeScreen();
    const hide = new Terminal(screen).show(() => event({ total: undefined, etaMs: undefined }));
    await frame();
    expect(take()).toBe(`${START}3, 2.0/s, 1.5 s, 2 workers${REST}`);
    hide();
  });

  test('several calls share it; it goes with the last of them', async () => {
    const { screen, take } = fakeScreen();
    const terminal = new Terminal(screen);
    const hideFirst = terminal.show(() => event());
    const hideSecond = terminal.show(() => event({ done: 6 }));
    await frame();
    expect(take()).toBe(`${START}${bar(15)} 2 calls: 9 of 18, 4.0/s, about 3.0 s left, 2 workers${REST}`);
    hideFirst();
    expect(take()).toBe('');
    await frame();
    expect(take()).toBe(`${START}${bar(20)} 6 of 9, 2.0/s, about 3.0 s left, 2 workers${REST}`);
    hideSecond();
    expect(take()).toBe(GONE);
  });

  test('a line goes above it, on this stream or another on the same terminal', async () => {
    const { screen, take } = fakeScreen();
    const other = { isTTY: true, write: screen.write } as unknown as Screen;
    const terminal = new Terminal(screen);
    terminal.line('before');
    expect(take()).toBe('before\n');
    const hide = terminal.show(() => event());
    await frame();
    const drawn = `${bar(10)} 3 of 9, 2.0/s, about 3.0 s left, 2 workers`;
    take();
    terminal.line('[task 3] hello');
    expect(take()).toBe(`${GONE}[task 3] hello\n${drawn}`);
    terminal.line('[task 4] hello', other);
    expect(take()).toBe(`${GONE}[task 4] hello\n${START}${drawn}${REST}`);
    hide();
  });

  test('a line for a file leaves the bar alone', async () => {
    const { screen, take } = fakeScreen();
    const file: string[] = [];
    const terminal = new Terminal(screen);
    const hide = terminal.show(() => event());
    await frame();
    take();
    terminal.line('to a file', { write: (text: string) => file.push(text) } as unknown as Screen);
    expect([take(), file]).toEqual(['', ['to a file\n']]);
    hide();
  });

  test('failures are red where the terminal has colours', async () => {
    const { screen, take } = fakeScreen(true);
    const hide = new Terminal(screen).show(() => event({ failed: 1 }));
    await frame();
    expect(take()).toContain('2 workers, \x1b[31m1 failed\x1b[39m');
    hide();
  });

  test('a narrow terminal gets one line, cut', async () => {
    const { screen, take } = fakeScreen();
    Object.assign(screen, { columns: 20 });
    const hide = new Terminal(screen).show(() => event({ failed: 1 }));
    await frame();
    expect(take()).toBe(`${START}3 of 9, 2, 1 failed${REST}`);
    Object.assign(screen, { columns: 60 });
    await frame();
    expect(take()).toBe(`${START}██░░░░ 3 of 9, 2.0/s, about 3.0 s left, 2 workers, 1 failed${REST}`);
    hide();
  });

  test('no terminal, or a dumb one, has none', () => {
    vi.stubEnv('TERM', 'dumb');
    expect(new Terminal(fakeScreen().screen).able).toBe(false);
    vi.stubEnv('TERM', 'xterm');
    expect(new Terminal(fakeScreen().screen).able).toBe(true);
    expect(new Terminal({ ...fakeScreen().screen, isTTY: false } as Screen).able).toBe(false);
    vi.unstubAllEnvs();
  });
});
