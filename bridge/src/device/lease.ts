/** Whose a board is: taken and renewed for as long as the board is reached (docs/reference/wire.md, `/lease`). */
import type { CoapClient } from '../coap/types.ts';
import { encodeFields } from '../fields/index.ts';
import { errorOfResponse } from '../problem/index.ts';
import { contentFormat, method } from '../tables/index.ts';

/** A bridge as its boards know it: texts of 1 to 32 bytes. */
export interface BridgeIdentity {
  /** The same for as long as it is the same bridge, over restarts. */
  readonly id: string;
  /** For people: what another bridge is told. */
  readonly name: string;
}

export interface BoardLease {
  /** Name of the other bridge that has the board; undefined where it is this one, or where nobody can say. */
  readonly owner: string | undefined;
  /** Takes or renews it when that is due. Rejects with `CoapError` when the board does not answer. */
  keep(client: Pick<CoapClient, 'request'>, signal: AbortSignal): Promise<void>;
  /** Gives it up, where it was taken: another bridge may have the board at once. Rejects as `keep` does. */
  giveUp(client: Pick<CoapClient, 'request'>, signal: AbortSignal): Promise<void>;
  /** The board was reset or away: what was agreed is forgotten. */
  forget(): void;
}

export interface BoardLeaseOptions {
  /** Left out, boards belong to nobody. */
  readonly identity: BridgeIdentity | undefined;
  readonly clock: () => number;
  /** Told once of each bridge that is in the way, with the sentence of the refusal. */
  readonly refused: (sentence: string) => void;
  /** `owner` is another now. */
  readonly changed: () => void;
}

/** Seconds a board stays with a bridge that is gone. */
const ttlS = 30;
/** Three times within that. */
const renewAfterMs = 10_000;

export function createBoardLease({ identity, clock, refused, changed }: BoardLeaseOptions): BoardLease {
  let owner: string | undefined;
  let isHeld = false;
  let renewedAt = Number.NEGATIVE_INFINITY;

  async function claim(by: BridgeIdentity, client: Pick<CoapClient, 'request'>, signal: AbortSignal) {
    const response = await client.request(claimOf(by, ttlS), { signal });
    isHeld = response.code >> 5 === 2;
    const error = isHeld ? undefined : errorOfResponse(response, by.name);
    // A node without /lease, or behind a port that passes no control requests, belongs to nobody.
    const other = error?.code === 'OWNED' ? String(error.details.owner) : undefined;
    if (other === owner) return;
    owner = other;
    if (error !== undefined && other !== undefined) refused(error.message);
    changed();
  }

  return {
    get owner() {
      return owner;
    },
    async keep(client, signal) {
      if (identity === undefined || clock() - renewedAt < renewAfterMs) return;
      await claim(identity, client, signal);
      renewedAt = owner === undefined ? clock() : Number.NEGATIVE_INFINITY;
    },
    async giveUp(client, signal) {
      if (identity === undefined || !isHeld) return;
      isHeld = false;
      await client.request(claimOf(identity, 0), { signal });
    },
    forget() {
      renewedAt = Number.NEGATIVE_INFINITY;
      isHeld = false;
    },
  };
}

function claimOf(by: BridgeIdentity, seconds: number) {
  const payload = encodeFields({ ...by, ttlS: seconds });
  return { method: method.PUT, path: ['lease'], payload, contentFormat: contentFormat.CBOR };
}
