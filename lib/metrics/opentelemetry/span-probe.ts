import { isJoin, type NodePlan } from '../../graph/plan.ts';
import type { Run } from '../../processor/attempt.ts';
import { asPromise, openIterator } from '../../processor/iterate.ts';
import type { Probe } from '../../processor/probing.ts';
import { asShared, chain, isDone, isResult, Wrapped } from '../../processor/pulling.ts';
import type { AnyIterator } from '../../processor/slot.ts';
import type { LiveMessage } from '../../queue/message.ts';
import {
  type Context,
  context,
  type Span,
  type SpanContext,
  type Tracer,
  trace,
} from '../../support/opentelemetry.ts';
import { endSpan, fenced } from './fence.ts';
import { Latest } from './latest.ts';

/** Where the messages that a node works on come from. */
export interface Senders {
  /** The span that has sent a message; `undefined` if it is not known. */
  senderOf(number: number): SpanContext | undefined;
  makerOf(message: LiveMessage): SpanContext | undefined;
  /** What to work in instead. */
  contextOf(message: LiveMessage): Context;
}

/** Makes the spans of one node's calls. */
export class SpanProbe implements Probe {
  readonly #plan: NodePlan;
  readonly #tracer: Tracer;
  readonly #senders: Senders;
  /** By the number of a message that the call works on. */
  readonly #spans: Latest<number, SpanContext>;

  /** @param most calls of which is known what they work on */
  constructor(plan: NodePlan, tracer: Tracer, senders: Senders, most: number) {
    this.#plan = plan;
    this.#tracer = tracer;
    this.#senders = senders;
    this.#spans = new Latest(most);
  }

  /** The span of the call that worked on a message. */
  spanOn(number: number): SpanContext | undefined {
    return this.#spans.get(number);
  }

  around(run: Run): Run {
    return (input, callContext) => {
      const span = fenced(() => this.#begin(callContext.message as LiveMessage));
      if (span === undefined) return run(input, callContext);
      const within = trace.setSpan(context.active(), span);
      const act = (): unknown => context.with(within, run, undefined, input, callContext);
      return traced(span, within, this.#plan.many, act);
    };
  }

  aroundItems(iterator: AnyIterator): AnyIterator {
    return iterator;
  }

  blocked(): void {}

  freed(): void {}

  tookLong(): void {}

  #begin(message: LiveMessage): Span {
    const numbers = this.#numbersOf(message);
    const senders = [...new Set(numbers.flatMap((number) => this.#senders.senderOf(number) ?? []))];
    const maker = senders.length > 0 ? undefined : this.#senders.makerOf(message);
    if (maker !== undefined) senders.push(maker);
    const outer = this.#senders.contextOf(message);
    const own = trace.getSpanContext(outer);
    const [first, ...others] = senders;
    // A batch works for several callers in one trace: what it has sent goes on in that of its own caller.
    const isElsewhere = first !== undefined && own !== undefined && own.traceId !== first.traceId;
    const within = first === undefined || isElsewhere ? outer : trace.setSpanContext(outer, first);
    const span = this.#tracer.startSpan(
      this.#plan.name,
      {
        attributes: { 'sluice.node': this.#plan.name, 'sluice.message.id': message.id },
        links: (isElsewhere ? senders : others).map((sender) => ({ context: sender })),
      },
      within,
    );
    for (const number of numbers) this.#spans.set(number, span.spanContext());
    return span;
  }

  /** Of a row or a batch, those of the messages it is a frame around. */
  #numbersOf({ number, madeFrom }: LiveMessage): readonly number[] {
    const isFrame = isJoin(this.#plan.fanIn) || this.#plan.batch !== undefined;
    if (!isFrame || madeFrom === undefined) return [number];
    return typeof madeFrom === 'number' ? [madeFrom] : madeFrom;
  }
}

/** Ends a span when what an act returns has settled; where that is unrolled, when it has no more. */
function traced(span: Span, within: Context, isMany: boolean, act: () => unknown): unknown {
  const answered = (answer: unknown): unknown => {
    if (!(answer instanceof SpannedItems)) endSpan(span);
    return answer;
  };
  try {
    const answer = act();
    const given = isMany ? chain(answer, (iterable) => items(iterable, span, within)) : answer;
    const promise = asShared(given);
    if (promise === undefined) return answered(given);
    promise.then(answered, (thrown) => endSpan(span, { thrown }));
    return promise;
  } catch (thrown) {
    endSpan(span, { thrown });
    throw thrown;
  }
}

/** What cannot be unrolled is the engine's to complain of. */
function items(iterable: unknown, span: Span, within: Context): unknown {
  const iterator = openIterator(iterable);
  return iterator === undefined ? iterable : new SpannedItems(iterator, span, within);
}

/** Items that are made inside their call's span. */
class SpannedItems extends Wrapped {
  readonly #span: Span;
  readonly #within: Context;

  constructor(inner: AnyIterator, span: Span, within: Context) {
    super(inner);
    this.#span = span;
    this.#within = within;
  }

  next(): unknown {
    const took = (result: unknown): unknown => {
      if (isDone(result)) endSpan(this.#span);
      return result;
    };
    try {
      const result = context.with(this.#within, () => this.inner.next());
      const promise = isResult(result) ? undefined : asPromise(result);
      return promise?.then(took, (thrown) => this.#fail(thrown)) ?? took(result);
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  override return(): unknown {
    endSpan(this.#span);
    return context.with(this.#within, () => super.return());
  }

  #fail(thrown: unknown): never {
    endSpan(this.#span, { thrown });
    throw thrown;
  }
}
