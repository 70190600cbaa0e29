/** A step to a value: a property, an index, or something in words. */
export type Step = string | number | symbol | { readonly text: string };

export function stepText(step: Step): string {
  if (typeof step === 'object') return step.text;
  if (typeof step !== 'string') return `[${String(step)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
