export { checkEstimator, type DeclareTest, type EstimatorFlags } from './check-estimator.ts';
