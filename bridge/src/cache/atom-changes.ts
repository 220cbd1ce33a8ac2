/** Which atoms of a node are others than before: what `/atoms` tells its observers. */
import { code } from '../coap/codes.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import type { NodePort, NodeResponse, Observation } from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { contentFormat, method } from '../tables/index.ts';

export interface AtomChangeListener {
  /** An atom came, went, or has another phase, sequence number or restart count. */
  changed(atom: string): void;
  /** The last call: nothing more is heard, for the reason the node gives. */
  ended(response: NodeResponse): void;
}

export function observeAtomChanges(
  observations: ObservationHub,
  node: NodePort,
  { changed, ended }: AtomChangeListener,
): Observation {
  let known: ReadonlyMap<string, string> | undefined;
  const request = { method: method.GET, path: ['atoms'], query: [], payload: new Uint8Array(0) };
  return observations.observe(
    node,
    { ...request, accept: contentFormat.CBOR },
    {
      next(response) {
        const lives = livesOf(response);
        for (const name of new Set([...(known?.keys() ?? []), ...lives.keys()])) {
          if (known !== undefined && known.get(name) !== lives.get(name)) changed(name);
        }
        known = lives;
      },
      lost() {},
      back() {},
      end: ended,
    },
  );
}

/** What must stay as it is for an atom's answers to hold, by its name; empty for what is no list of atoms. */
function livesOf({
  code: answer,
  contentFormat: format,
  payload,
}: NodeResponse): ReadonlyMap<string, string> {
  if (answer !== code.content || format !== contentFormat.CBOR) return new Map();
  const list = decodeOrNull(payload);
  const atoms: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Map(
    atoms.flatMap((atom) => {
      if (typeof atom !== 'object' || atom === null) return [];
      const { name, sequence, phase, restarts } = atom as Readonly<Record<string, unknown>>;
      return typeof name === 'string' ? [[name, `${sequence} ${phase} ${restarts}`] as const] : [];
    }),
  );
}

function decodeOrNull(payload: Uint8Array): FieldValue {
  try {
    return decodeFields(payload);
  } catch {
    return null;
  }
}
