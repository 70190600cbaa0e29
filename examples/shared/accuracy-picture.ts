import { svgPicture } from './svg-picture.ts';

export interface Line {
  readonly name: string;
  readonly scores: readonly number[];
}

/** Accuracy over C as an SVG picture, C on a logarithmic axis. */
export function accuracyPicture(title: string, C: readonly number[], lines: readonly Line[]): string {
  const axis = { nameLocation: 'middle', splitLine: { lineStyle: { color: '#e5e5e5' } } } as const;
  return svgPicture(title, {
    legend: { bottom: 0 },
    xAxis: {
      ...axis,
      type: 'log',
      name: 'C',
      nameGap: 28,
      axisLabel: { formatter: (c: number) => c.toExponential(0) },
    },
    yAxis: { ...axis, type: 'value', name: 'accuracy', nameGap: 48, min: 0.86, max: 0.94, interval: 0.02 },
    series: lines.map(({ name, scores }) => ({
      name,
      type: 'line',
      data: scores.map((score, at) => [C[at] as number, Number(score.toFixed(4))]),
    })),
  });
}
