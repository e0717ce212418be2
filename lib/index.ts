export { GraphError, type Problem, type ProblemCode } from './error/graph-error.ts';
export { type Phase, ProcessorError } from './error/processor-error.ts';
export { SluiceError, type SluiceErrorCode } from './error/sluice-error.ts';
export { StoppedError } from './error/stopped-error.ts';
export type { Context, LifeContext, Logger, Message, SourceContext } from './graph/context.ts';
export {
  type AggregateInputs,
  type AnyFunction,
  type Definition,
  type Edge,
  type EdgeObject,
  type Inlet,
  inlet,
  type NodeObject,
  type NodeOptions,
  type NodeSpec,
  type OnError,
  type Registry,
} from './graph/definition.ts';
export type { Description, NodeDescription } from './graph/describe.ts';
export type { PipelineEvents } from './pipeline/events.ts';
export type { CallOptions, InletHandle } from './pipeline/inlet-handle.ts';
export type { InputOf, InputsOf, PlumberOptions, RunOptions } from './pipeline/options.ts';
export type { Pipeline, StopOptions } from './pipeline/pipeline.ts';
export { createPipeline, Plumber, type PlumberConstructor } from './pipeline/plumber.ts';
export type { EdgeCounters, NodeCounters, Summary } from './pipeline/summary.ts';
export type { Clock } from './support/clock.ts';
export type { IdFactory } from './support/ids.ts';
