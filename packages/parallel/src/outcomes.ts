import { BackendUnusableError, type Outcomes } from '@jobloom/backends';

/** Outcomes as a backend gave them, once they are what they must be. @throws BackendUnusableError saying what is wrong with them */
export function checkOutcomes(outcomes: Outcomes, length: number, name: string): Outcomes {
  const wrong = (what: string): never => {
    throw new BackendUnusableError(`the ${name} backend gave ${what} for a batch of ${length} tasks`);
  };
  if (typeof outcomes !== 'object' || outcomes === null) return wrong(`${String(outcomes)} instead of outcomes`);
  if (outcomes.all === 'done') {
    if (typeof outcomes.values !== 'object' || outcomes.values === null) return wrong('no values');
    if (outcomes.values.length !== length) return wrong(`${outcomes.values.length} outcomes`);
    if (typeof outcomes.timing?.ms !== 'number') return wrong('outcomes without timing');
    return outcomes;
  }
  if (!Array.isArray(outcomes.each)) return wrong('no outcomes');
  if (outcomes.each.length !== length) return wrong(`${outcomes.each.length} outcomes`);
  for (let index = 0; index < length; index += 1) {
    if (typeof outcomes.each[index]?.status !== 'string') return wrong(`no outcome for task ${index} of the batch`);
  }
  return outcomes;
}

/** What a backend failed with, as the error of the call. */
export function unusable(name: string, error: unknown): BackendUnusableError {
  if (error instanceof BackendUnusableError) return error;
  let text = 'an error that cannot be shown';
  try {
    text = String(error);
  } catch {
    // an object without a prototype, say
  }
  return new BackendUnusableError(`the ${name} backend failed: ${text}`, { cause: error });
}
