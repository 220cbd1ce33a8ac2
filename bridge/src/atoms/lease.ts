/** `/lease` of the host node: which bridge it belongs to. */
import { code } from '../coap/codes.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { contentFormat } from '../tables/index.ts';
import { documentResponse, emptyResponse } from './responses.ts';

export interface Lease {
  /** Name of the bridge that has it. */
  owner(): string | undefined;
  read(request: NodeRequest): NodeResponse;
  /** RadonError OWNED while another bridge has it, BAD_CONTENT. */
  claim(request: NodeRequest): NodeResponse;
}

interface Claim {
  readonly name: string;
  readonly id: string;
  readonly ttlS: number;
}

const longestName = 32;
const longestTtlS = 3_600;

/** `now`: milliseconds of a clock that is not set. `changed` is told when it goes to another or is given up, not when it runs out. */
export function createLease(now: () => number, changed: () => void): Lease {
  let held: Claim | undefined;
  let endsAt = 0;
  const owner = () => (now() < endsAt ? held : undefined);

  return {
    owner: () => owner()?.name,
    read(request) {
      const present = owner();
      if (present === undefined) return documentResponse({}, request);
      return documentResponse({ ...present, ttlS: Math.ceil((endsAt - now()) / 1_000) }, request);
    },
    claim(request) {
      const claim = claimOf(request);
      const before = owner();
      if (before !== undefined && before.id !== claim.id)
        throw new RadonError('OWNED', { owner: before.name, name: claim.name });
      held = claim;
      endsAt = now() + claim.ttlS * 1_000;
      if (before?.name !== owner()?.name) changed();
      return emptyResponse(code.changed);
    },
  };
}

function claimOf({ payload, contentFormat: format }: NodeRequest): Claim {
  const fields = format === contentFormat.CBOR ? read(payload) : undefined;
  const isMap = typeof fields === 'object' && fields !== null && Object.keys(fields).length === 3;
  const { name, id, ttlS } = isMap ? (fields as Partial<Record<string, FieldValue>>) : {};
  const isTtl = typeof ttlS === 'number' && Number.isInteger(ttlS) && ttlS >= 0 && ttlS <= longestTtlS;
  if (isName(name) && isName(id) && isTtl) return { name, id, ttlS };
  throw new RadonError('BAD_CONTENT', { detail: 'name, id and ttlS of a bridge are wanted' });
}

function read(payload: Uint8Array): FieldValue | undefined {
  try {
    return decodeFields(payload);
  } catch {
    return undefined;
  }
}

function isName(value: FieldValue | undefined): value is string {
  if (typeof value !== 'string') return false;
  const { length } = new TextEncoder().encode(value);
  return length > 0 && length <= longestName;
}
