import { reasonOf } from '../../error/processor-error.ts';
import { causeOf, LET_GO } from '../../processor/attempt.ts';
import { type Span, SpanStatusCode } from '../../support/opentelemetry.ts';
import { reportUncaught } from '../../support/uncaught.ts';

/** What a tracer, or what it tells, throws is no failure of a node: it is reported as an uncaught error, and nothing is traced. */
export function fenced<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    reportUncaught(error);
    return undefined;
  }
}

/** Ends a span; with what was thrown, if something was. A call that was let go of, since nobody waits for it, has not failed. */
export function endSpan(span: Span, outcome?: { readonly thrown: unknown }): void {
  fenced(() => {
    if (outcome !== undefined && outcome.thrown !== LET_GO) noteFailure(span, causeOf(outcome.thrown));
  });
  fenced(() => span.end());
}

function noteFailure(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) });
  if (error instanceof Error) span.recordException(error);
}
