/** aiocoap (Python) as a server that registers itself in a resource directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from './deadline.ts';
import { aiocoap } from './peers.ts';

export interface AiocoapRegistrant {
  /** Lets it go in its own way, which removes its registration where it can. Idempotent. */
  close(): Promise<void>;
}

const script = fileURLToPath(new URL('../interop/aiocoap_registrant.py', import.meta.url));

export function startAiocoapRegistrant(directory: string, way: 'registerer' | 'simple'): AiocoapRegistrant {
  const child = spawn(aiocoap.command, [script, directory, way], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  return {
    async close() {
      child.stdin.end();
      try {
        await within('the end of aiocoap', 10_000, ended);
      } finally {
        child.kill('SIGKILL');
      }
    },
  };
}
