/** Spans by OpenTelemetry: one for each request, with its id, and inside it those of the graphs. */
import { context, type Tracer, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { Plumber } from 'sluice';
import { toTracer } from 'sluice/metrics/opentelemetry';

/** To be called before the first pipeline is made. */
export function traceAll(http: FastifyInstance, plumbers: Iterable<Plumber>, tracer: Tracer): void {
  for (const plumber of plumbers) toTracer(plumber, { tracer });
  http.addHook('onRequest', (request, reply, done) => {
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    const span = tracer.startSpan(name, { attributes: { 'http.request.id': request.id } });
    reply.raw.once('close', () => span.end());
    // What the request leads to is done in its context.
    context.with(trace.setSpan(context.active(), span), done);
  });
}
