/**
 * The demo of the Python library this one descends from: clients send graphs to a socket.io server, as JSON that names
 * functions of the server, and each gets the outputs of its own pipeline. Five strings are reversed in 3 s; then one branch
 * makes them upper case in 2 s, another joins them with what they were in 1 s. With five calls at once the ten
 * outputs arrive after 4 and 5 s; here, a second is 50 ms.
 *
 * What a client sends is checked before anything runs. One that sends nonsense is told so, and one that leaves has its pipeline
 * aborted; the others do not notice.
 *
 * Run: npx tsx demos/12-socket-io.ts
 *
 * Prints:
 *   hostile: nodes.x.queueSize: is 1000000000, must be at most 256 (limits.queueSize)
 *   hostile: nodes.x.args.seconds: ...
 *   after 4 s: abc cba, def fed, ghi ihg, jkl lkj, mno onm
 *   after 5 s: CBA, FED, IHG, LKJ, ONM
 *   done, and the pipeline of the client that left is gone, too
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { type Reply, serveGraphs } from './12-graph-server.mts';

const server = await serveGraphs((seconds, signal) => sleep(50 * seconds, undefined, { signal }));
const graph = await readFile(join(import.meta.dirname, '12-ancestor-graph.json'), 'utf8');

const connect = (): Socket => io(server.url, { transports: ['websocket'], reconnection: false });
const send = (client: Socket, text: string): Promise<Reply> => client.emitWithAck('graph', text);

const client = connect();
const outputs: string[] = [];
client.on('output', (text: string, taken: () => void) => {
  outputs.push(text);
  taken();
});
const done = new Promise((resolve) => client.once('done', resolve));
await send(client, graph);

const leaving = connect();
await send(leaving, graph);
leaving.disconnect();

const hostile = connect();
const nodes = { x: { run: 'reverse', queueSize: 1e9, args: { seconds: 1e9 } } };
for (const limited of [nodes, { x: { ...nodes.x, queueSize: 1 } }]) {
  const { problems = [] } = await send(
    hostile,
    JSON.stringify({ nodes: { n: { inlet: true }, ...limited }, graph: { n: ['x'] } }),
  );
  for (const { path, message } of problems.slice(0, 1)) console.log(`hostile: ${path}: ${message}`);
}
hostile.disconnect();

await done;
console.log(`after 4 s: ${outputs.slice(0, 5).join(', ')}`);
console.log(`after 5 s: ${outputs.slice(5).join(', ')}`);
console.log(
  server.running.size === 0
    ? 'done, and the pipeline of the client that left is gone, too'
    : 'a pipeline is left',
);
client.disconnect();
await server.close();
