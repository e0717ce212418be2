import { collectProblems } from '../../graph/report.ts';
import type { Call } from '../../pipeline/call.ts';
import type { ObservedRun, Observer } from '../../pipeline/observer.ts';
import type { Target } from '../../pipeline/observing.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Plumber } from '../../pipeline/plumber.ts';
import { attachProbe } from '../../processor/probing.ts';
import type { LiveMessage } from '../../queue/message.ts';
import {
  type Context,
  context,
  type Span,
  type SpanContext,
  type Tracer,
  trace,
} from '../../support/opentelemetry.ts';
import { checkKeys, checkMethod } from '../exporting.ts';
import { readTarget } from '../target.ts';
import { failed } from './failed.ts';
import { Latest } from './latest.ts';
import { SpanProbe } from './span-probe.ts';

/** Where spans are told. */
export interface SpanOptions {
  /** @default the tracer `sluice` of the global provider */
  readonly tracer?: Tracer;
}

/** Messages of one pipeline of which is known who sent them: more than most graphs can hold at once. */
const MOST = 10_000;

/**
 * Has a tracer of OpenTelemetry tell every `call` of an inlet and every call of a node's function as a span. The span of a
 * call is a child of whatever span its caller was in; that of a function, of the span that sent what it works on, and of
 * several at a join or in a batch it is a child of the first and has links to the others. A function runs with its span
 * active, so that what it calls becomes its child. A generator's span lasts until it has no more.
 *
 * Needs `@opentelemetry/api`, an optional peer, and a context manager. Costs some microseconds for each call of a function.
 * Returns what ends it for pipelines that are made later.
 *
 * Twice on one target makes every span twice.
 *
 * @throws GraphError if it is given neither a Plumber nor a pipeline, or an option has no possible value.
 */
export function toTracer<Inlets, Sinks>(
  target: Plumber<Inlets, Sinks> | Pipeline<Inlets, Sinks>,
  options: SpanOptions = {},
): () => void {
  const { report, throwAny } = collectProblems();
  const found = readTarget(target, report) as Target;
  const { tracer = trace.getTracer('sluice') } = checkKeys(options, ['tracer'], report) ? options : {};
  checkMethod(tracer, 'startSpan', 'options.tracer', "a Tracer: provider.getTracer('…')", report);
  throwAny();
  const spans = new Spans(tracer);
  found.observe(spans);
  return () => found.unobserve(spans);
}

/** Makes the spans of pipelines. */
class Spans implements Observer {
  readonly #tracer: Tracer;
  readonly #calls = new Map<unknown, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  joined(run: ObservedRun): void {
    const senders = new Latest<number, SpanContext>(MOST);
    const probes = new Map<string, SpanProbe>();
    for (const node of run.processors) {
      const probe = new SpanProbe(node.plan, this.#tracer, {
        senderOf: (number) => senders.get(number),
        contextOf: (message) => this.#contextOf(message),
      });
      probes.set(node.name, probe);
      attachProbe(node, probe);
    }
    run.watch.on('message', ({ node, message }) => {
      const { number, madeFrom, origin } = message as LiveMessage;
      const sender =
        madeFrom === undefined
          ? this.#calls.get(origin.owner)?.spanContext()
          : probes.get(node)?.spanOn(typeof madeFrom === 'number' ? madeFrom : (madeFrom[0] as number));
      if (sender !== undefined) senders.set(number, sender);
    });
  }

  left(): void {}

  called(_: ObservedRun, call: Call, inlet: string): void {
    const span = this.#tracer.startSpan(`call ${inlet}`, { attributes: { 'sluice.node': inlet } });
    this.#calls.set(call, span);
  }

  settled(_: ObservedRun, call: Call): void {
    const span = this.#calls.get(call);
    if (span === undefined) return;
    this.#calls.delete(call);
    if (call.failure !== undefined) failed(span, call.failure.rejectedWith);
    span.end();
  }

  /** What a function works in, where nobody is known to have sent what it works on: a source, or before this looked. */
  #contextOf({ origin }: LiveMessage): Context {
    const call = this.#calls.get(origin.owner);
    return call === undefined ? context.active() : trace.setSpan(context.active(), call);
  }
}
