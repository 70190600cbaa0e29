export { bytesToFrame, frameToBytes, type ReadFrame } from './bytes.ts';
export { addCode, hasCode } from './codes.ts';
export { withEnvironment } from './environment.ts';
export { type ErrorCode, JobloomError, UnserializableError } from './errors.ts';
export type { Frame, ModuleRef } from './frame.ts';
export { registerByReference } from './packages.ts';
export { isPlain } from './plain.ts';
export { Session, type SessionOptions } from './session.ts';
export { registerType, type TypeRegistration } from './types.ts';
