import { svgPicture } from './svg-picture.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const WIDTH = 0.02;

/** How often residuals of each size occur, for several models. */
export function histogram(residuals: Readonly<Record<string, Float64Array>>): string {
  const bins = Array.from({ length: 25 }, (_, at) => (at - 12) * WIDTH);
  const counts = (values: Float64Array) =>
    bins.map((middle) => values.reduce((count, each) => count + Number(Math.abs(each - middle) <= WIDTH / 2), 0));
  return svgPicture('Residuals of humidity', {
    legend: { bottom: 0 },
    xAxis: {
      type: 'category',
      name: 'residual',
      nameLocation: 'middle',
      nameGap: 28,
      data: bins.map((x) => x.toFixed(2)),
    },
    yAxis: { type: 'value', name: 'hours' },
    series: Object.entries(residuals).map(([name, values]) => ({ name, type: 'bar', barGap: 0, data: counts(values) })),
  });
}

/** The mean residual of each hour of the week. */
export function heatMap(means: Float64Array): string {
  const cells = Array.from(means, (mean, at) => [at % 24, Math.floor(at / 24), Number(mean.toFixed(3))]);
  return svgPicture('What two slopes leave, by hour of the week', {
    xAxis: {
      type: 'category',
      name: 'hour',
      nameLocation: 'middle',
      nameGap: 28,
      data: Array.from({ length: 24 }, (_, h) => h),
    },
    yAxis: { type: 'category', inverse: true, data: DAYS },
    visualMap: {
      min: -0.2,
      max: 0.2,
      orient: 'horizontal',
      left: 'center',
      bottom: 0,
      inRange: { color: ['#2166ac', '#f7f7f7', '#b2182b'] },
    },
    series: [{ type: 'heatmap', data: cells }],
  });
}
