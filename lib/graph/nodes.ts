import { isRecord, type ReadableNode, resolveAliases } from './aliases.ts';
import { type AnyFunction, inlet } from './definition.ts';
import { checkEnds, graphOf } from './flatten.ts';
import { referenceOf } from './modules.ts';
import { readFunction } from './named.ts';
import { nameFault, quoted } from './names.ts';
import { type ReadOptions, readOptions } from './options.ts';
import type { GraphPlan } from './plan.ts';
import { isRegisteredFunction, lookUp, type Registry } from './registered.ts';
import type { Report } from './report.ts';
import { shown } from './values.ts';
import type { ModuleReference } from './worker-types.ts';

/** A node as it stands in a definition, names looked up; what it is in the graph, its edges tell. */
export interface ReadNode {
  readonly name: string;
  readonly isInlet: boolean;
  readonly run: AnyFunction | undefined;
  /** Where another thread finds the function, if that is known. */
  readonly module: ModuleReference | undefined;
  /** What it stands for, if it is a Plumber. */
  readonly graph: GraphPlan | undefined;
  readonly options: ReadOptions;
  readonly source: ReadableNode | undefined;
}

/** Options that stand under `defaults`. */
export function readDefaults(
  defaults: unknown,
  path: string,
  registry: Registry,
  report: Report,
): ReadOptions {
  if (!isRecord(defaults)) {
    report('bad-option', path, `is ${shown(defaults)}, must be an object of node options`);
    return {};
  }
  return readOptions(defaults, (option) => `${path}.${option}`, [], registry, report);
}

/** One node, in whichever way it is written. */
export function readNode(name: string, spec: unknown, registry: Registry, report: Report): ReadNode {
  const path = `nodes.${name.slice(0, 60)}`;
  const fault = nameFault(name);
  if (fault !== undefined) report('bad-name', path, `${quoted(name)} ${fault}`);
  if (isRecord(spec) && Object.hasOwn(spec, 'inlet')) {
    if (spec.inlet !== true) report('bad-option', `${path}.inlet`, `is ${shown(spec.inlet)}, must be true`);
    const options = readOptions(spec, (option) => `${path}.${option}`, ['inlet'], registry, report);
    return { ...NO_WORK, name, isInlet: true, options };
  }
  if (typeof spec === 'function') {
    if (spec === inlet) report('bad-option', path, 'is the function that makes an inlet: call it, inlet()');
    return { ...NO_WORK, name, run: spec as AnyFunction };
  }
  if (!isRecord(spec) || graphOf(spec) !== undefined) {
    return { ...NO_WORK, name, ...readRun(spec, {}, path, registry, report) };
  }
  const source = resolveAliases(spec);
  const pathOf = (option: string): string => `${path}.${source.pathOf(option)}`;
  const work = readRun(source.spec.run, spec, pathOf('run'), registry, report);
  const options = readOptions(source.spec, pathOf, ['run'], registry, report);
  return { name, isInlet: false, ...work, options, source };
}

const NO_WORK: Omit<ReadNode, 'name'> = {
  isInlet: false,
  run: undefined,
  module: undefined,
  graph: undefined,
  options: {},
  source: undefined,
};

/** What a node does: a function, or a graph. */
function readRun(
  value: unknown,
  holder: object,
  path: string,
  registry: Registry,
  report: Report,
): Pick<ReadNode, 'run' | 'graph' | 'module'> {
  const found = lookUp(registry, value);
  const work: unknown = isRegisteredFunction(found) ? found.run : (found ?? value);
  const graph = graphOf(work);
  if (graph === undefined) {
    return { run: readFunction(value, holder, path, registry, report), graph, module: referenceOf(work) };
  }
  checkEnds(graph, path, report);
  return { run: undefined, graph, module: undefined };
}
