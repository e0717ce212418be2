/** A gentle load on the demo, for something to look at: `npx tsx demos/server/load.ts http://127.0.0.1:3000`. Ends after ten minutes. */
import autocannon from 'autocannon';

process.once('disconnect', () => process.exit()); // with the server that has started it

const [url = 'http://127.0.0.1:3000'] = process.argv.slice(2);
const headers = { 'content-type': 'application/json' };

function quote(path: string, item: string): autocannon.Request {
  const body = JSON.stringify({ customer: 7, items: ['tea', item] });
  return { method: 'POST', path, headers, body };
}

await autocannon({
  url,
  connections: 20,
  overallRate: 200,
  duration: 600,
  requests: [
    quote('/quotes', 'milk'),
    quote('/shared/quotes', 'milk'),
    { path: '/customers/12' },
    { path: '/customers/4711' },
    quote('/shared/quotes', 'sugar'),
    quote('/shared/quotes', 'unobtainium'),
    { path: '/readings?count=100' },
  ],
});
