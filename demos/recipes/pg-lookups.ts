/**
 * The batched look-up of `demos/server/` with a Postgres server: its pool of connections bounds the queries under way, so the
 * node's `concurrency` is as large as that. `DATABASE_URL=postgres://… npx tsx demos/recipes/pg-lookups.ts`
 *
 * Prints: 1000 requests, 10 queries or a few more
 */
import { Pool } from 'pg';
import { createPipeline, inlet } from 'sluice';

const database = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
let queries = 0;

async function lookUp(ids: readonly number[]): Promise<({ id: number; square: number } | null)[]> {
  queries++;
  // Stands for a table: SELECT id, … FROM customer WHERE id = ANY($1)
  const { rows } = await database.query(
    'SELECT id, id * id AS square FROM generate_series(1, 900) id WHERE id = ANY($1::int[])',
    [ids],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => found.get(id) ?? null); // one for each, in their order; null where there is none
}

await using lookups = createPipeline({
  nodes: {
    id: inlet<number>(),
    row: {
      run: lookUp,
      batch: { size: 100, within: 2, scatter: true },
      concurrency: 4,
      timeout: 2000,
    },
  },
  graph: { id: ['row'] },
});

const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => lookups.call(i + 1)));
console.log(`${answers.length} requests, ${queries} queries`);
console.log(
  `${answers.filter(({ row }) => row.length === 1).length} found, among them ${answers[29]?.row[0]?.square}`,
);
await database.end();
