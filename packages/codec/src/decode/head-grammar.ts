/** What follows a tag of V8's format; anything else is not in what writers write. */
export const Form = {
  unknown: 0,
  nothing: 1,
  number: 2,
  double: 3,
  date: 4,
  text: 5,
  bigint: 6,
  regexp: 7,
  view: 8,
  memory: 9,
  /** Others, up to a tag of its own, then their count. */
  holder: 10,
  /** The same, with a length first, and again at the end. */
  array: 11,
} as const;

/** The version of V8's format: the same in Node 20, 22, 24 and 26. */
export const V8_VERSION = 15;

/** By tag. */
export const FORMS: Uint8Array = new Uint8Array(256);
/** By the tag that begins a holder, the one that ends it. */
export const ENDS: Uint8Array = new Uint8Array(256);

const TAGS: readonly (readonly [form: number, tags: string])[] = [
  [Form.nothing, '_0TF-'],
  [Form.number, 'IU^'],
  [Form.double, 'N'],
  [Form.date, 'D'],
  [Form.text, '"cS'],
  [Form.bigint, 'Z'],
  [Form.regexp, 'R'],
  [Form.view, '\\'],
  [Form.memory, 't'],
  [Form.holder, "o;'"],
  [Form.array, 'aA'],
];
for (const [form, tags] of TAGS) for (const tag of tags) FORMS[codeOf(tag)] = form;
for (const [begin = '', end = ''] of ['o{', 'a@', 'A$', ';:', "',"]) ENDS[codeOf(begin)] = codeOf(end);

/** The array that has holes: its elements come with their indices. */
export const SPARSE: number = codeOf('a');

function codeOf(tag: string): number {
  return tag.charCodeAt(0);
}
