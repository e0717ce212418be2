export {
  type Context,
  context,
  type Meter,
  metrics,
  type Observable,
  type Span,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
