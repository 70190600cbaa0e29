import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with a table of the services that took part, and one plain line: 'N passed, N failed', and ', N skipped' when there are any. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const before = count.failed;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      if (count.failed === before && module.state() === 'failed') count.failed += 1; // it broke outside of any test
    }
    for (const line of services(modules)) console.log(line);
    for (const module of modules)
      for (const test of module.children.allTests())
        if (test.diagnostic()?.flaky)
          console.log(`passed at a later try: ${module.relativeModuleId} > ${test.fullName}`);
    const skipped = count.skipped + count.pending;
    console.log(`${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

/** One line a service, as its suites told: it ran for real, or was skipped and why. */
function services(modules: readonly TestModule[]): string[] {
  const outcomes = new Map<string, string>();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { service } = test.meta() as { service?: { name: string; outcome: string } };
      if (service !== undefined) outcomes.set(service.name, service.outcome);
    }
  }
  const width = Math.max(...[...outcomes.keys()].map((name) => name.length));
  return [...outcomes].sort().map(([name, outcome]) => `service ${name.padEnd(width)}  ${outcome}`);
}
