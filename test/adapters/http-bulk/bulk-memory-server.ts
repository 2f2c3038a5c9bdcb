/** A process of its own for `bulk-memory.test.ts`: prints its URL, serves until its input ends, then prints its largest resident set in bytes. */
import { openBulkServer } from './bulk-server.ts';

const server = await openBulkServer();
// The store in memory remembers everything; what is measured is the way there.
const forgetting = setInterval(() => server.state.devices.clear(), 5);
console.log(JSON.stringify({ url: server.url, rss: process.memoryUsage().rss }));
process.stdin.on('end', async () => {
  clearInterval(forgetting);
  await server.close();
  console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
});
process.stdin.resume();
