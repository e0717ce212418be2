export { type PrometheusOptions, toPrometheus } from './scraping.ts';
