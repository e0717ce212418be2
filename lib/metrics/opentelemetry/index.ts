export { type MeterOptions, toMeter } from './meter.ts';
export { type SpanOptions, toTracer } from './spans.ts';
