import type { Estimator } from '../base/estimator.ts';
import { classifierChecks } from './classifier-checks.ts';
import { fitChecks } from './fit-checks.ts';
import { inputChecks } from './input-checks.ts';
import { parameterChecks } from './parameter-checks.ts';
import { regressorChecks } from './regressor-checks.ts';
import type { Subject } from './subject.ts';
import { transformerChecks } from './transformer-checks.ts';
import { travelChecks } from './travel-checks.ts';
import { weightChecks } from './weight-checks.ts';

/** How a suite declares a test: `test` of vitest, node:test, jest. */
export type DeclareTest = (name: string, body: () => Promise<void>) => unknown;

/** What an estimator honestly does otherwise, beyond its tags. */
export interface EstimatorFlags {
  /** A parameter is a function that nobody registered: there is no state. */
  readonly noState?: boolean;
  /** It fits the samples badly, as models of counts do: how well it scores is not judged. */
  readonly poorScore?: boolean;
  /** Answers to a row depend on the other rows. */
  readonly rowsMatter?: boolean;
  /** Where it is fitted elsewhere: options of backends by name. Threads and processes where nothing is said. */
  readonly backends?: Readonly<Record<string, object>>;
}

/** A group of checks. */
export type Checks = (test: DeclareTest, make: () => Subject, flags: EstimatorFlags) => void;

/**
 * The tests that every estimator must pass; its tags say what it is and can do, flags what it does otherwise.
 * `makeEstimator` makes an unfitted one. Source: scikit-learn's check_estimator.
 *
 * @example
 * checkEstimator(test, () => new MyClassifier({ depth: 2 }));
 */
export function checkEstimator(test: DeclareTest, makeEstimator: () => Estimator, flags: EstimatorFlags = {}): void {
  const make = makeEstimator as () => Subject;
  const { kind } = makeEstimator().tags;
  const groups: Checks[] = [parameterChecks, fitChecks, inputChecks, weightChecks];
  if (kind === 'classifier') groups.push(classifierChecks);
  if (kind === 'regressor') groups.push(regressorChecks);
  if (kind === 'transformer') groups.push(transformerChecks);
  for (const checks of [...groups, travelChecks]) checks(test, make, flags);
}
