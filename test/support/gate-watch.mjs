/**
 * Loaded into a Fleetgate by `--import`, with `--expose-gc`: on SIGUSR2 it says on standard error, as JSON behind `gate-watch`, how many
 * milliseconds of processor time the event loop was kept by one piece of work since it was asked last (processor time, so that other programs
 * on the machine do not count), and how many bytes are in use after a collection.
 */
const SMALLEST_MS = 2;
let last = process.threadCpuUsage();
let longest = 0;

function look() {
  const { user, system } = process.threadCpuUsage(last);
  last = process.threadCpuUsage();
  longest = Math.max(longest, (user + system) / 1000);
}

setInterval(look, SMALLEST_MS).unref();
process.on('SIGUSR2', () => {
  look();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`gate-watch ${JSON.stringify({ longestMs: longest, bytes: heapUsed + external })}\n`);
  last = process.threadCpuUsage();
  longest = 0;
});
