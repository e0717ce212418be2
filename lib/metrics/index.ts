export { type MeasureOptions, measure } from './measure.ts';
export type { Metrics } from './metrics.ts';
export type {
  CallMetrics,
  EdgeMetrics,
  MetricsSnapshot,
  NodeMetrics,
  PipelineMetrics,
} from './snapshot.ts';
export type { Timing } from './timings.ts';
