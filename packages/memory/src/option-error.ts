import { JobloomError } from '@jobloom/codec';

/** An option that does not exist, is out of range, or cannot be honoured here. */
export class OptionError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_OPTION', message, options);
  }
}

/** Refuses options that aren't known. */
export function checkNames(whose: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new OptionError(`${whose} has no option ${name}. It knows: ${known.join(', ')}.`);
  }
}
