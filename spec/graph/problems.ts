import { GraphError, type Problem } from '../../lib/error/graph-error.ts';
import { checkDefinition } from '../../lib/graph/check.ts';
import type { AnyFunction } from '../../lib/graph/definition.ts';
import { type GraphPlan, type NodePlan, NodeTraits } from '../../lib/graph/plan.ts';
import type { Registry } from '../../lib/graph/registered.ts';

/** Any function will do: what it does is no concern of a check. */
export const f: AnyFunction = (value: unknown) => value;

/** What else a definition is checked with. */
export interface Beside {
  readonly registry?: Registry;
  readonly defaults?: unknown;
}

/** Everything that is wrong with a definition; nothing if it is sound. Any other error is not caught. */
export function problemsOf(
  definition: unknown,
  { registry = {}, defaults }: Beside = {},
): readonly Problem[] {
  try {
    checkDefinition(definition, registry, defaults);
    return [];
  } catch (error) {
    if (error instanceof GraphError) return error.problems;
    throw error;
  }
}

/** The same as `code path`, which is what a spec compares. */
export function faultsOf(definition: unknown, beside?: Beside): string[] {
  return problemsOf(definition, beside).map(({ code, path }) => `${code} ${path}`);
}

/** The words of the only problem. */
export function messageOf(definition: unknown, beside?: Beside): string {
  const problems = problemsOf(definition, beside);
  if (problems.length !== 1) throw new Error(`expected one problem, found ${JSON.stringify(problems)}`);
  return (problems[0] as Problem).message;
}

/** The plan of a sound definition. */
export function planOf(definition: unknown, { registry = {}, defaults }: Beside = {}): GraphPlan {
  return checkDefinition(definition, registry, defaults);
}

/** One node of the plan of a sound definition. */
export function nodeOf(name: string, definition: unknown, beside?: Beside): NodePlan {
  const plan = planOf(definition, beside);
  return plan.nodes[plan.places.get(name) as number] as NodePlan;
}

/** A node that was changed behind the back of the check, with what its options come to now. */
export function withTraits(node: NodePlan): NodePlan {
  return { ...node, traits: new NodeTraits(node) };
}
