export { type PrometheusOptions, toPrometheus } from './registry.ts';
