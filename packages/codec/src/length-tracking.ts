import { Serializer } from 'node:v8';

/** Whether memory can change its size. */
export function isGrowing(memory: ArrayBufferLike): boolean {
  const { resizable, growable } = memory as { readonly resizable?: boolean; readonly growable?: boolean };
  return resizable === true || growable === true;
}

class ViewSerializer extends Serializer {
  _getSharedArrayBufferId(): number {
    return 0;
  }
}

/** Whether a view of growing memory reaches to its end, wherever that is: V8's format has it in the last byte of a view. */
export function tracksLength(view: ArrayBufferView): boolean {
  const serializer = new ViewSerializer();
  serializer.writeValue(view);
  return ((serializer.releaseBuffer().at(-1) as number) & 1) !== 0;
}
