import { RandomState } from '@jobloom/ml';

/** An hour of a weekday; weekdays from 0, Monday. */
export type Hour = { readonly weekday: number; readonly hour: number };

/** Hours of the week, from 0, that follow no trend, and by how much: Wednesday morning, Saturday afternoon, Sunday night. */
export const anomalies: readonly { readonly hour: number; readonly shift: number }[] = [
  ...[54, 55, 56].map((hour) => ({ hour, shift: -0.15 })),
  ...[134, 135, 136, 137].map((hour) => ({ hour, shift: 0.2 })),
  { hour: 167, shift: 0.12 },
];

/** Humidity as a share, hour by hour: it rises over the week, falls over the day, and has noise and anomalies. */
export function humidity(options: { weeks: number; randomState: number }): { X: Hour[]; y: Float64Array } {
  const random = new RandomState(options.randomState);
  const shifts = new Map(anomalies.map(({ hour, shift }) => [hour, shift]));
  const X = Array.from({ length: 168 * options.weeks }, (_, at) => ({
    weekday: Math.floor(at / 24) % 7,
    hour: at % 24,
  }));
  const y = Float64Array.from(X, ({ weekday, hour }) => {
    const trend = 0.6 + 0.015 * weekday - 0.008 * hour;
    return trend + (shifts.get(24 * weekday + hour) ?? 0) + 0.03 * random.gauss();
  });
  return { X, y };
}
