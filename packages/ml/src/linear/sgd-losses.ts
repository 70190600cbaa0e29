/** A loss of one row: of a score p and a target y, which for classes is 1 or -1. */
export interface RowLoss {
  value(p: number, y: number): number;
  /** By p. */
  slope(p: number, y: number): number;
}

export type SgdLossName =
  | 'hinge'
  | 'log_loss'
  | 'modified_huber'
  | 'squared_hinge'
  | 'perceptron'
  | 'squared_error'
  | 'huber'
  | 'epsilon_insensitive'
  | 'squared_epsilon_insensitive';

/** A loss by name. @param epsilon where huber turns from squares to lines, and below which the insensitive ones are zero */
export function sgdLoss(name: SgdLossName, epsilon: number): RowLoss {
  switch (name) {
    case 'hinge':
      return hinge(1);
    case 'perceptron':
      return hinge(0);
    case 'squared_hinge':
      return {
        value: (p, y) => Math.max(0, 1 - p * y) ** 2,
        slope: (p, y) => -2 * y * Math.max(0, 1 - p * y),
      };
    case 'log_loss':
      return { value: logLoss, slope: logSlope };
    case 'modified_huber':
      return {
        value: (p, y) => (p * y >= 1 ? 0 : p * y >= -1 ? (1 - p * y) ** 2 : -4 * p * y),
        slope: (p, y) => (p * y >= 1 ? 0 : p * y >= -1 ? -2 * (1 - p * y) * y : -4 * y),
      };
    case 'squared_error':
      return { value: (p, y) => 0.5 * (p - y) * (p - y), slope: (p, y) => p - y };
    case 'huber':
      return {
        value: (p, y) => {
          const size = Math.abs(p - y);
          return size <= epsilon ? 0.5 * size * size : epsilon * size - 0.5 * epsilon * epsilon;
        },
        slope: (p, y) => Math.min(Math.max(p - y, -epsilon), epsilon),
      };
    case 'epsilon_insensitive':
      return {
        value: (p, y) => Math.max(0, Math.abs(y - p) - epsilon),
        slope: (p, y) => (y - p > epsilon ? -1 : p - y > epsilon ? 1 : 0),
      };
    case 'squared_epsilon_insensitive':
      return {
        value: (p, y) => Math.max(0, Math.abs(y - p) - epsilon) ** 2,
        slope: (p, y) => {
          const z = y - p;
          return z > epsilon ? -2 * (z - epsilon) : z < -epsilon ? -2 * (z + epsilon) : 0;
        },
      };
  }
}

function hinge(threshold: number): RowLoss {
  return {
    value: (p, y) => (p * y <= threshold ? threshold - p * y : 0),
    slope: (p, y) => (p * y <= threshold ? -y : 0),
  };
}

/** Far from zero, where exponentials overflow or vanish, their limits. */
function logLoss(p: number, y: number): number {
  const z = p * y;
  if (z > 18) return Math.exp(-z);
  return z < -18 ? -z : Math.log(1 + Math.exp(-z));
}

function logSlope(p: number, y: number): number {
  const z = p * y;
  if (z > 18) return -Math.exp(-z) * y;
  return z < -18 ? -y : -y / (Math.exp(z) + 1);
}
