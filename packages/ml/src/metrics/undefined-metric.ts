/** Says that a score has no value here, and that 0 stands for it. Node shows each message once if the same code runs on. */
export function warnUndefined(name: string): void {
  process.emitWarning(
    `${name} is undefined for labels of which there is no sample, and 0 stands for it. zeroDivision: 0 or 1 says what it should be.`,
    { type: 'UndefinedMetricWarning', code: 'JOBLOOM_UNDEFINED_METRIC' },
  );
}
