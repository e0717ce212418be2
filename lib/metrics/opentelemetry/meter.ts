import { collectProblems } from '../../graph/report.ts';
import { checkKeys } from '../../graph/unknown-keys.ts';
import { metrics as api, type Meter, type Observable } from '../../support/opentelemetry.ts';
import { checkGraphs, checkMethod } from '../exporting.ts';
import { INSTRUMENTS, type Instrument, type Labels } from '../instruments.ts';
import type { Metrics } from '../metrics.ts';

/** Where metrics are told. */
export interface MeterOptions {
  /** @default the meter `sluice` of the global provider, which must have been set before */
  readonly meter?: Meter;
}

/**
 * Has a meter of OpenTelemetry tell what is measured, each time it collects: asynchronous counters and gauges by the names
 * `sluice.pipelines.*`, `sluice.calls.*`, `sluice.node.*` and `sluice.edge.*`, with `sluice.graph`, `sluice.node`,
 * `sluice.edge.from` and `sluice.edge.to` as attributes; durations in seconds. Needs `@opentelemetry/api`, an optional peer.
 * Returns what ends it.
 *
 * @throws GraphError if it is given what is not measured, or an option has no possible value.
 */
export function toMeter(graphs: Readonly<Record<string, Metrics>>, options: MeterOptions = {}): () => void {
  const { report, throwAny } = collectProblems();
  checkGraphs(graphs, report);
  const { meter = api.getMeter('sluice') } = checkKeys(options, ['meter'], ' like { meter }', report)
    ? options
    : {};
  checkMethod(meter, 'createObservableGauge', 'options.meter', "a Meter: provider.getMeter('…')", report);
  throwAny();
  const made = INSTRUMENTS.map((instrument) => [instrument, observable(instrument, meter)] as const);
  const observables = made.map(([, one]) => one);
  const tell: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    for (const [graph, metrics] of Object.entries(graphs)) {
      const snapshot = metrics.snapshot();
      for (const [{ read }, one] of made)
        for (const { labels, value } of read(snapshot)) result.observe(one, value, attributes(graph, labels));
    }
  };
  meter.addBatchObservableCallback(tell, observables);
  return () => meter.removeBatchObservableCallback(tell, observables);
}

function observable({ name, help, kind, unit }: Instrument, meter: Meter): Observable {
  const options = { description: help, unit };
  return kind === 'counter'
    ? meter.createObservableCounter(`sluice.${name}`, options)
    : meter.createObservableGauge(`sluice.${name}`, options);
}

const NAMES: Readonly<Record<string, string>> = {
  node: 'sluice.node',
  from: 'sluice.edge.from',
  to: 'sluice.edge.to',
  quantile: 'quantile',
};

function attributes(graph: string, labels: Labels): Record<string, string> {
  const named = Object.entries(labels).map(([name, value]) => [NAMES[name] ?? name, value]);
  return { 'sluice.graph': graph, ...Object.fromEntries(named) };
}
