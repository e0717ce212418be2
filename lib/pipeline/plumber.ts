import { checkDefinition } from '../graph/check.ts';
import type { NodeOptions } from '../graph/definition.ts';
import { type Description, describe } from '../graph/describe.ts';
import { toDot, toMermaid } from '../graph/diagram.ts';
import type { GraphShape } from '../graph/edge-shapes.ts';
import type { NodeShapes, None, RegistryShape, Wiring } from '../graph/inferred.ts';
import { limitsOf } from '../graph/limits.ts';
import type { GraphPlan } from '../graph/plan.ts';
import { poolsOf } from '../graph/pools.ts';
import { GRAPH, type Subgraph } from '../graph/subgraph.ts';
import type { Checked, InletsOf, SinksOf } from '../graph/wiring.ts';
import { workersOf } from '../graph/workers.ts';
import { Observers } from './observer.ts';
import {
  checkOptions,
  type InputsOf,
  PLUMBER_OPTIONS,
  type PlumberOptions,
  RUN_OPTIONS,
  type RunOptions,
} from './options.ts';
import { Pipeline } from './pipeline.ts';
import { PipelineRun } from './run.ts';

/** A checked graph: immutable, and cheap to run many times. With one inlet and one sink it may be a node of another. */
export interface Plumber<Inlets = Record<string, unknown>, Sinks = Record<string, unknown>>
  extends Subgraph<Inlets, Sinks> {
  /**
   * Creates a pipeline, which runs from the next microtask on.
   *
   * @throws GraphError if `inputs` names no inlet, or holds what cannot be iterated.
   */
  createPipeline(options?: RunOptions<InputsOf<Inlets>>): Pipeline<Inlets, Sinks>;
  /** Its order, lanes and bounds, as plain JSON. */
  describe(): Description;
  /** The graph as a Mermaid flowchart. */
  toMermaid(): string;
  /** The graph in Graphviz's language. */
  toDot(): string;
}

// An interface and a constructor, not a class: a class has no type parameters to infer from what `new` is given.
/** What `Plumber` is as a value. */
export interface PlumberConstructor {
  /**
   * Checks a definition; what is written as a literal, the compiler has checked before.
   *
   * @throws GraphError that lists every problem.
   * @example
   * import { inlet, Plumber } from 'sluice';
   *
   * const plumber = new Plumber({
   *   nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
   *   graph: { n: ['double'] },
   * });
   * await using pipeline = plumber.createPipeline();
   * console.log(await pipeline.call(21)); // prints: { double: [ 42 ] }
   */
  new <
    const N extends NodeShapes,
    const G extends GraphShape,
    const R extends RegistryShape = None,
    const D extends NodeOptions = None,
    const P extends NodeOptions = None,
    const L extends string = never,
  >(
    definition: Checked<Wiring<N, G, R, D, P, L>>,
    options?: PlumberOptions<R, P>,
  ): Plumber<InletsOf<N, R>, SinksOf<Wiring<N, G, R, D, P, L>>>;
  readonly prototype: Plumber;
}

// The shorthand has one object of options for both steps.
const BOTH_OPTIONS: readonly string[] = [...PLUMBER_OPTIONS, ...RUN_OPTIONS];

const NO_OPTIONS: RunOptions = Object.freeze({});

class CheckedPlumber implements Plumber {
  readonly #plan: GraphPlan;
  readonly #options: PlumberOptions;
  readonly #observers: Observers;

  constructor(definition: unknown, options: PlumberOptions = {}, known = PLUMBER_OPTIONS) {
    checkOptions(options, known);
    const { registry = {}, defaults, pools, workers, limits } = options;
    const bounds = limitsOf(limits);
    this.#plan = checkDefinition(definition, registry, defaults, poolsOf(pools), workersOf(workers), bounds);
    this.#options = options;
    this.#observers = new Observers(this.#plan);
  }

  static partsOf(plumber: object): PlumberParts {
    if (!(#plan in plumber)) throw new TypeError('not a Plumber');
    return { plan: plumber.#plan, options: plumber.#options, observers: plumber.#observers };
  }

  get [GRAPH](): object {
    return this.#plan;
  }

  createPipeline(options: RunOptions = NO_OPTIONS, known = RUN_OPTIONS): Pipeline {
    if (options !== NO_OPTIONS) checkOptions(options, known);
    const run = new PipelineRun(this.#plan, this.#options, options);
    this.#observers.tellOf(run);
    return new Pipeline(run);
  }

  describe(): Description {
    return describe(this.#plan);
  }

  toMermaid(): string {
    return toMermaid(this.#plan);
  }

  toDot(): string {
    return toDot(this.#plan);
  }
}

// What consoles show.
Object.defineProperty(CheckedPlumber, 'name', { value: 'Plumber' });

/** What a Plumber is made of. */
export interface PlumberParts {
  readonly plan: GraphPlan;
  readonly options: PlumberOptions;
  readonly observers: Observers;
}

/** Opens a Plumber, for the doors: they look at its plan, or run one like it. Not public. */
export function partsOf(plumber: object): PlumberParts {
  return CheckedPlumber.partsOf(plumber);
}

/** Whether a value is a Plumber that can be opened. */
export function isPlumber(value: unknown): value is object {
  return value instanceof CheckedPlumber;
}

/** Turns a `{ nodes, graph }` definition into pipelines. */
export const Plumber: PlumberConstructor = CheckedPlumber as PlumberConstructor;

/**
 * Checks a definition and creates a pipeline of it: the shorthand for `new Plumber(…).createPipeline(…)`.
 *
 * @throws GraphError that lists every problem.
 * @example
 * import { createPipeline } from 'sluice';
 *
 * const pipeline = createPipeline({
 *   nodes: {
 *     numbers: function* () {
 *       yield* [1, 2, 3];
 *     },
 *     square: async (n: number) => n * n,
 *   },
 *   graph: { numbers: ['square'] },
 * });
 * for await (const value of pipeline) console.log(value);
 * // prints: 1
 * // prints: 4
 * // prints: 9
 */
export function createPipeline<
  const N extends NodeShapes,
  const G extends GraphShape,
  const R extends RegistryShape = None,
  const D extends NodeOptions = None,
  const P extends NodeOptions = None,
  const L extends string = never,
>(
  definition: Checked<Wiring<N, G, R, D, P, L>>,
  options?: PlumberOptions<R, P> & RunOptions<InputsOf<NoInfer<InletsOf<N, R>>>>,
): Pipeline<InletsOf<N, R>, SinksOf<Wiring<N, G, R, D, P, L>>> {
  const plumber = new CheckedPlumber(definition, options as PlumberOptions, BOTH_OPTIONS);
  return plumber.createPipeline(options as RunOptions, BOTH_OPTIONS) as Pipeline<
    InletsOf<N, R>,
    SinksOf<Wiring<N, G, R, D, P, L>>
  >;
}
