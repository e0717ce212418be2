export { GraphError, type Problem, type ProblemCode } from './error/graph-error.ts';
export { OverflowError } from './error/overflow-error.ts';
export { type Phase, ProcessorError } from './error/processor-error.ts';
export { SluiceError, type SluiceErrorCode } from './error/sluice-error.ts';
export { StallError, type Wait } from './error/stall-error.ts';
export { StoppedError } from './error/stopped-error.ts';
export { TimeoutError } from './error/timeout-error.ts';
export { ValidationError } from './error/validation-error.ts';
export { WorkerError } from './error/worker-error.ts';
export type { Batch } from './graph/batch-types.ts';
export type {
  Context,
  LifeContext,
  Logger,
  Message,
  SourceContext,
  WorkerContext,
} from './graph/context.ts';
export type { DeadLetter } from './graph/dead-letters.ts';
export {
  type AggregateInputs,
  type AnyFunction,
  type Definition,
  type Edge,
  type EdgeObject,
  type FanOut,
  type Inlet,
  inlet,
  type NodeObject,
  type NodeOptions,
  type NodeSpec,
  type OnError,
  type OnErrorAction,
  type OnErrorFunction,
  type Overflow,
  type PoolPlace,
  type ValidatedInlet,
  type When,
} from './graph/definition.ts';
export type { Description, EdgeDescription, NodeDescription } from './graph/describe.ts';
export { DEFAULT_LIMITS, type Limits } from './graph/limits.ts';
export { fromModule, type ModuleFunction } from './graph/modules.ts';
export { parseDefinition } from './graph/parse-definition.ts';
export { Pool, type PoolOptions } from './graph/pools.ts';
export type { RegisteredFunction, Registry } from './graph/registered.ts';
export type { Retry, RetryIf } from './graph/retry-types.ts';
export type { Subgraph } from './graph/subgraph.ts';
export type { RunIn, Transfer } from './graph/worker-types.ts';
export { Workers, type WorkersOptions } from './graph/workers.ts';
export type { PipelineEvents } from './pipeline/events.ts';
export type { Bottleneck, EdgeFill, Explanation, NodeActivity } from './pipeline/explain.ts';
export type { CallOptions, InletHandle } from './pipeline/inlet-handle.ts';
export type { LeftMessage } from './pipeline/left.ts';
export type { InputOf, InputsOf, PlumberOptions, RunOptions, TraceOptions } from './pipeline/options.ts';
export type { Pipeline, StopOptions } from './pipeline/pipeline.ts';
export { createPipeline, Plumber, type PlumberConstructor } from './pipeline/plumber.ts';
export type { EdgeCounters, NodeCounters, Summary } from './pipeline/summary.ts';
export type { Trace, TracedCall, TracedMessage } from './pipeline/trace.ts';
export type { Clock } from './support/clock.ts';
export type { IdFactory } from './support/ids.ts';
export type { Issue, StandardSchema } from './support/standard-schema.ts';
