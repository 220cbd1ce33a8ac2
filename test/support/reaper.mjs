// Ends what a test left in its folder: `node reaper.mjs FOLDER`. Waits until its input ends (the test closed it, or its
// process is gone, however that came about), then ends every process that works inside the folder, and removes it.
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { sep } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('reaper.mjs needs a folder');

/** Numbers of the processes whose working directory is inside the folder. */
function inhabitants() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return `${readlinkSync(`/proc/${pid}/cwd`)}${sep}`.startsWith(`${folder}${sep}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function reap() {
  for (const pid of process.platform === 'linux' ? inhabitants() : []) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

process.on('SIGINT', () => undefined);
process.stdin.on('end', reap);
process.stdin.resume();
