/** What an event file tells of one step, and when. Field numbers: TensorFlow's event.proto and summary.proto. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** An Event message with scalars. */
export function encodeScalars({ wallTime, step, scalars }: ScalarEvent): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    field(1, 2, delimited(Buffer.concat([field(1, 2, delimited(Buffer.from(tag))), field(2, 5, float(value))]))),
  );
  return Buffer.concat([time(wallTime), field(2, 0, varint(step)), field(5, 2, delimited(Buffer.concat(values)))]);
}

/** The Event message that a file begins with. */
export function encodeFileVersion(wallTime: number): Buffer {
  return Buffer.concat([time(wallTime), field(3, 2, delimited(Buffer.from('brain.Event:2')))]);
}

function time(seconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(seconds);
  return field(1, 1, bytes);
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function field(number: number, wireType: 0 | 1 | 2 | 5, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | wireType]), payload]);
}

function delimited(payload: Buffer): Buffer {
  return Buffer.concat([varint(payload.length), payload]);
}

/** Of whole numbers up to 2^53. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
