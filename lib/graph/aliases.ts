/**
 * Definitions written for the Python library `pipelines`: a node with `coro` has other names for three options.
 * Everything past this file knows the names of {@link NodeOptions} only.
 */
export interface ReadableNode {
  readonly spec: Readonly<Record<string, unknown>>;
  /** Where an option stands in the document, for messages: `queueSize` as `args.queue_size`. */
  readonly pathOf: (option: string) => string;
  /** Whether a queue size on a source means nothing instead of being a mistake. */
  readonly lenientQueueSize: boolean;
}

const PATHS: Readonly<Record<string, string>> = {
  run: 'coro',
  aggregateInputs: 'properties.aggregate_inputs',
  queueSize: 'args.queue_size',
};

/** The node under the names of this library; itself if it has no `coro`. */
export function resolveAliases(spec: Readonly<Record<string, unknown>>): ReadableNode {
  if (!Object.hasOwn(spec, 'coro')) return { spec, pathOf: (option) => option, lenientQueueSize: false };
  const { coro, properties, args, ...rest } = spec;
  const { aggregate_inputs, ...otherProperties } = fieldsOf(properties);
  const { queue_size, ...otherArgs } = fieldsOf(args);
  // What is left under `properties`, stands where a record should, or is said in both ways stays under its own name, to
  // be refused as unknown.
  const odd = Object.entries(otherProperties).map(([key, value]) => [`properties.${key}`, value]);
  const aliased = (alias: string, option: string, value: unknown): Record<string, unknown> =>
    value === undefined ? {} : { [Object.hasOwn(rest, option) ? alias : option]: value };
  return {
    spec: {
      ...rest,
      ...Object.fromEntries(odd),
      ...aliased('coro', 'run', coro),
      ...(properties !== undefined && !isRecord(properties) && { properties }),
      ...(args !== undefined && { args: isRecord(args) ? otherArgs : args }),
      ...aliased('properties.aggregate_inputs', 'aggregateInputs', aggregate_inputs),
      ...aliased('args.queue_size', 'queueSize', queue_size),
    },
    pathOf: (option) => PATHS[option] ?? option,
    lenientQueueSize: true,
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** Whether `value` is an object with keys of its own to read: no array, no function. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
