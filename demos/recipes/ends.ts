/** How every recipe ends: SIGTERM and Ctrl-C let what is under way be answered, and then the pipeline stops. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import closeWithGrace from 'close-with-grace';
import { pipeline } from './graph.ts';

export function endsWithGrace(server: Server): void {
  closeWithGrace({ delay: 5000 }, async () => {
    server.close(); // takes no new connections, and closes idle ones
    const late = setTimeout(() => server.closeAllConnections(), 3000); // longer than a request may take
    await once(server, 'close');
    clearTimeout(late);
    await pipeline.stop({ within: 2000 });
  });
}
