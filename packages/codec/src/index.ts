export { bytesToFrame, frameToBytes, type ReadFrame } from './bytes.ts';
export { type CallShape, callShape, type DefaultValue, type Parameter, type Property } from './call-shape.ts';
export { capturedValues, isElsewhere, refreshElsewhere } from './captured-values.ts';
export { addCode, hasCode } from './codes.ts';
export type { DecodeLimits } from './decode/limits.ts';
export { withEnvironment } from './environment.ts';
export { type ErrorCode, JobloomError, UnserializableError } from './errors.ts';
export {
  type Fingerprint,
  type FingerprintOptions,
  type FingerprintPart,
  fingerprint,
} from './fingerprint/fingerprint.ts';
export type { Borrow, Borrowed, Frame, ModuleRef } from './frame.ts';
export { FrameError, FrameLimitError, FunctionResultError } from './frame-error.ts';
export { prepareXxh128 } from './hash/digest.ts';
export { type HashOptions, hash } from './hash/hash.ts';
export { UnhashableError } from './hash/unhashable-error.ts';
export { FORMAT as FRAME_FORMAT } from './layout.ts';
export { loadModulesNow } from './modules.ts';
export { packageOf, pathInPackage, registerByReference } from './packages.ts';
export { isPlain } from './plain.ts';
export { rememberExport } from './references.ts';
export { Session, type SessionOptions } from './session.ts';
export type { GetParcel } from './ship/arrival.ts';
export { parcelBytes, parcelsOf } from './ship/outgoing.ts';
export { STANDS_FOR } from './stands-for.ts';
export { REDUCE, registerType, type TypeRegistration } from './types.ts';
export { keepViews, keptViews } from './views.ts';
