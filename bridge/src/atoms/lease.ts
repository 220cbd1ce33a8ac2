/** `/lease` of the host node: which bridge it belongs to. */
import { code } from '../coap/codes.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { contentFormat } from '../tables/index.ts';
import { documentResponse, emptyResponse } from './responses.ts';

export interface Lease {
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

/** `now`: milliseconds of a clock that is not set. */
export function createLease(now: () => number): Lease {
  let owner: Claim | undefined;
  let endsAt = 0;

  return {
    read(request) {
      const leftMs = endsAt - now();
      if (owner === undefined || leftMs <= 0) return documentResponse({}, request);
      return documentResponse({ ...owner, ttlS: Math.ceil(leftMs / 1_000) }, request);
    },
    claim(request) {
      const claim = claimOf(request);
      if (owner !== undefined && now() < endsAt && owner.id !== claim.id)
        throw new RadonError('OWNED', { owner: owner.name, name: claim.name });
      owner = claim;
      endsAt = claim.ttlS === 0 ? 0 : now() + claim.ttlS * 1_000;
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
