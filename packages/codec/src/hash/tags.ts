/** First byte of each form. Part of the format: never reuse one. */
export const Tag = {
  undefined: 0x75, // u
  null: 0x6e, // n
  true: 0x74, // t
  false: 0x66, // f
  number: 0x64, // d
  bigint: 0x69, // i
  text: 0x73, // s
  brokenText: 0x53, // S, with lone surrogates
  symbol: 0x79, // y, by its key in the registry
  wellKnown: 0x59, // Y
  hole: 0x68, // h
  array: 0x5b, // [
  object: 0x7b, // {
  bare: 0x30, // 0, an object without a prototype
  map: 0x4d, // M
  set: 0x45, // E
  date: 0x44, // D
  regexp: 0x52, // R
  boxed: 0x42, // B
  error: 0x58, // X
  view: 0x54, // T
  memory: 0x41, // A
  url: 0x4c, // L
  instance: 0x43, // C
  registered: 0x47, // G
  reduced: 0x67, // g
  function: 0x46, // F
  ancestor: 0x63, // c
  digest: 0x48, // H
} as const;
