/** Puts an image on a node: manifest, then the code in pieces from where the node has it (docs/reference/wire.md#push). */
import { ask } from './bridge-api.ts';
import { decode, decodeFirst } from './cborg/cborg.js';

export interface PushProgress {
  readonly sent: number;
  /** Bytes of code. */
  readonly total: number;
}

interface Missing {
  readonly digest: string;
  readonly have: number;
}

interface AtomFile {
  readonly name: string;
  readonly manifest: Uint8Array<ArrayBuffer>;
  readonly code: Uint8Array<ArrayBuffer>;
}

/** A multiple of every block size, and small enough for a lively progress bar. */
const pieceBytes = 1024;
/** Key of `name`, docs/fields.json. */
const nameKey = 0;
/** The byte that begins a COSE_Sign1: tag 18. */
const tagBytes = 1;
const coseSign1 = 'application/cose; cose-type="cose-sign1"';

/** Resolves with the atom's name once it runs; rejects with `Refusal`, or with an Error for a file that is no image. */
export async function pushFile(
  node: string,
  file: Blob,
  onProgress: (progress: PushProgress) => void,
): Promise<string> {
  const { name, manifest, code } = takeApart(new Uint8Array(await file.arrayBuffer()));
  const total = code.length;
  onProgress({ sent: 0, total });
  const answer = await ask(`/nodes/${node}/atoms/${name}`, {
    method: 'PUT',
    headers: { 'content-type': coseSign1, accept: 'application/json' },
    body: manifest,
  });
  const [missing] = await missingIn(answer);
  if (missing !== undefined) await sendCode(node, code, missing, onProgress);
  onProgress({ sent: total, total });
  return name;
}

/** `NAME.atom` is a CBOR sequence: the COSE_Sign1, then the code as a byte string. */
function takeApart(bytes: Uint8Array<ArrayBuffer>): AtomFile {
  try {
    const options = { useMaps: true };
    const [[, , payload], rest] = decodeFirst(bytes.subarray(tagBytes), options);
    const manifest = bytes.slice(0, bytes.length - rest.length);
    const name: unknown = decode(payload, options).get(nameKey);
    const code: unknown = decode(rest);
    if (typeof name === 'string' && code instanceof Uint8Array) return { name, manifest, code: code.slice() };
  } catch {
    // What is wrong with it helps nobody who dropped the wrong file.
  }
  throw new Error('This is no .atom file; radon build makes one.');
}

async function missingIn(answer: Response): Promise<readonly Missing[]> {
  if (answer.status === 204) return [];
  const { missing = [] } = (await answer.json()) as { readonly missing?: readonly Missing[] };
  return missing;
}

async function sendCode(
  node: string,
  code: Uint8Array<ArrayBuffer>,
  { digest, have }: Missing,
  onProgress: (progress: PushProgress) => void,
): Promise<void> {
  const total = code.length;
  let offset = have % 16 === 0 && have < total ? have : 0;
  while (offset < total) {
    const end = Math.min(total, (Math.floor(offset / pieceBytes) + 1) * pieceBytes);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': `bytes ${offset}-${end - 1}/${total}`,
    };
    await ask(`/nodes/${node}/images/${digest}`, { method: 'PUT', headers, body: code.slice(offset, end) });
    offset = end;
    onProgress({ sent: offset, total });
  }
}
