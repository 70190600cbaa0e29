import { JobloomError } from '@jobloom/parallel';

/** An estimator was asked for what only a fitted one knows. */
export class NotFittedError extends JobloomError {
  constructor(estimator: string) {
    super(
      'ERR_NOT_FITTED',
      `This ${estimator} instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator.`,
    );
  }
}

/** A parameter does not exist, or has a value that its estimator cannot use. */
export class ParameterError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PARAMETER', message, options);
  }
}

/** Data that an estimator, metric or splitter cannot work with. */
export class InputError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INPUT', message, options);
  }
}

/** A state that cannot be made, or that is not one of ours. */
export class StateError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_STATE', message, options);
  }
}
