/** Run as a process of its own, under a low limit of open files: listens, prints its port, and ends with its input. */
import { openListeners } from './open-listeners.ts';

const opened = await openListeners();
process.stdout.write(`${opened.port}\n`);
process.stdin.resume();
process.stdin.on('end', () => void opened.door.stop(0));
