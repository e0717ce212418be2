import { collectProblems } from '../../graph/report.ts';
import { checkKeys } from '../../graph/unknown-keys.ts';
import type { Call } from '../../pipeline/call.ts';
import type { ObservedRun, Observer } from '../../pipeline/observer.ts';
import { readTarget, type Target } from '../../pipeline/observing.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Plumber } from '../../pipeline/plumber.ts';
import { type Span, type Tracer, trace } from '../../support/opentelemetry.ts';
import { checkMethod } from '../exporting.ts';
import { endSpan, fenced } from './fence.ts';
import { RunSpans } from './run-spans.ts';

/** Where spans are told. */
export interface SpanOptions {
  /** @default the tracer `sluice` of the global provider */
  readonly tracer?: Tracer;
}

/**
 * Has a tracer of OpenTelemetry tell every `call` of an inlet and every call of a node's function as a span. The span of a
 * call is a child of whatever span its caller was in; that of a function, of the span that sent what it works on, and of
 * several at a join or in a batch it is a child of the first and has links to the others. What a batch sends for a caller goes on
 * in the trace of that caller, with a link to the batch. A function runs with its span active, so that what it calls becomes its
 * child. A generator's span lasts until it has no more.
 *
 * Needs `@opentelemetry/api`, an optional peer, and a context manager. Costs some microseconds for each call of a function.
 * Twice on one target makes every span twice. A pipeline is kept until it is over. Returns what ends it, and the
 * spans of calls that are under way.
 *
 * @throws GraphError if it is given neither a Plumber nor a pipeline, or an option has no possible value.
 */
export function toTracer<Inlets, Sinks>(
  target: Plumber<Inlets, Sinks> | Pipeline<Inlets, Sinks>,
  options: SpanOptions = {},
): () => void {
  const { report, throwAny } = collectProblems();
  const found = readTarget(target, report) as Target;
  const { tracer = trace.getTracer('sluice') } = checkKeys(options, ['tracer'], ' like { tracer }', report)
    ? options
    : {};
  checkMethod(tracer, 'startSpan', 'options.tracer', "a Tracer: provider.getTracer('…')", report);
  throwAny();
  const spans = new Spans(tracer);
  found.observe(spans);
  return () => {
    found.unobserve(spans);
    spans.stop();
  };
}

/** Makes the spans of pipelines. */
class Spans implements Observer {
  readonly #tracer: Tracer;
  readonly #calls = new Map<unknown, Span>();
  readonly #runs = new Map<ObservedRun, RunSpans>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  joined(run: ObservedRun): void {
    this.#runs.set(run, new RunSpans(run, this.#tracer, this.#calls));
  }

  left(run: ObservedRun): void {
    this.#runs.delete(run);
  }

  called(_: ObservedRun, call: Call, inlet: string): void {
    const attributes = { 'sluice.node': inlet };
    const span = fenced(() => this.#tracer.startSpan(`call ${inlet}`, { attributes }));
    if (span !== undefined) this.#calls.set(call, span);
  }

  settled(_: ObservedRun, call: Call): void {
    const span = this.#calls.get(call);
    if (span === undefined) return;
    this.#calls.delete(call);
    endSpan(span, call.failure && { thrown: call.failure.rejectedWith });
  }

  stop(): void {
    for (const [run, spans] of this.#runs) {
      run.unobserve(this);
      spans.stop();
    }
    for (const span of this.#calls.values()) endSpan(span);
    this.#runs.clear();
    this.#calls.clear();
  }
}
