import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, serve } from './served.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

describe('a traced server', () => {
  it.each(['/quotes', '/shared/quotes'])(
    'has the functions of each request to %s in its own trace, with request id, node and message id',
    async (path) => {
      const exporter = new InMemorySpanExporter();
      const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      await using served = await serve({ tracer: provider.getTracer('spec') });

      const replies = await Promise.all(
        [1, 2, 3].map((customer) => post(served.base + path, { customer, items: ['tea'] })),
      );
      await served.http.close();
      const spans = exporter.getFinishedSpans();
      const ids = replies.map(({ headers }) => headers.get('x-request-id'));

      for (const id of ids) {
        const [request] = spans.filter(({ attributes }) => attributes['http.request.id'] === id);
        const { traceId } = request?.spanContext() ?? {};
        const own = spans.filter((span) => span.spanContext().traceId === traceId);

        expect(request?.name).toBe(`POST ${path}`);
        for (const node of ['prices', 'quote']) {
          expect(own.filter(({ name }) => name === node)).toMatchObject([
            {
              attributes: {
                'sluice.node': node,
                'sluice.message.id': expect.stringMatching(/^[\da-f-]{36}$/),
              },
            },
          ]);
        }
      }
      expect(new Set(ids).size).toBe(3);
    },
  );
});
