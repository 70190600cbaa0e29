import type { DaemonAddress, DaemonSource } from './source.ts';

/** What any of the sources knows, each address once; the problems of all of them. */
export function mergedSource(sources: readonly DaemonSource[]): DaemonSource {
  return {
    watch(listener) {
      const known = sources.map((): { daemons: readonly DaemonAddress[]; problem?: Error | undefined } => ({
        daemons: [],
      }));
      const tell = (): void => {
        const daemons = new Map<string, DaemonAddress>();
        for (const each of known)
          for (const daemon of each.daemons) daemons.set(daemon.address, { ...daemons.get(daemon.address), ...daemon });
        const problems = known.flatMap(({ problem }) => problem ?? []);
        const [first, ...others] = problems;
        listener(
          [...daemons.values()],
          others.length === 0 ? first : new AggregateError(problems, problems.map(({ message }) => message).join('; ')),
        );
      };
      const stops = sources.map((source, at) =>
        source.watch((daemons, problem) => {
          known[at] = { daemons, problem };
          tell();
        }),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
