import { causeOf, LET_GO } from '../../processor/attempt.ts';
import { type Span, SpanStatusCode } from '../../support/opentelemetry.ts';

/** Notes why a span ends badly. A call that was let go of, since nobody waits for it any more, has not failed. */
export function failed(span: Span, thrown: unknown): void {
  if (thrown === LET_GO) return;
  const error = causeOf(thrown);
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  if (error instanceof Error) span.recordException(error);
}
