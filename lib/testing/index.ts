export { ExplorationError, type Explored, explore } from './explore.ts';
export type { ExploreOptions } from './explore-options.ts';
export type { OptionFeatures } from './graph-drawing.ts';
export type {
  DeadLetterNode,
  Delay,
  Flaw,
  Graph,
  GraphNode,
  InletNode,
  Judgement,
  NodeInput,
  NodeLoop,
  Outcome,
  SourceNode,
  TransformNode,
} from './graph-model.ts';
export { type GraphFeatures, graphs } from './graphs.ts';
export { type InvalidGraph, invalidGraphs } from './invalid-graphs.ts';
export { type LeakWatch, withoutLeaks } from './leaks.ts';
export type { RandomGraph } from './random-graph.ts';
export { atRest } from './rest.ts';
export { simulate } from './simulate.ts';
export { type SinkProbe, type SinkProbeOptions, sinkProbe } from './sink-probe.ts';
export { type SourceProbe, sourceProbe } from './source-probe.ts';
export { type VirtualClock, virtualClock } from './virtual-clock.ts';
