/** One upstream observation for all clients that observe the same: same method and options. */
import { code, codeClass } from './codes.ts';
import { CoapError } from './errors.ts';
import { passedReply } from './passed.ts';
import { protocolProblem } from './problem.ts';
import type { ClientRequest, CoapClient, CoapReply, CoapResponse, Observation } from './types.ts';

const noLonger = protocolProblem(code.notAcceptable, 'it can no longer be observed');

type Changed = (reply: CoapReply) => void;

interface Shared {
  readonly key: string;
  upstream: Observation | undefined;
  latest: CoapReply | undefined;
  readonly subscribers: Set<Changed>;
  /** Those who wait for the first answer. */
  readonly waiting: { resolve(reply: CoapReply): void; reject(error: unknown): void }[];
}

export class SharedObservations {
  private readonly upstream: CoapClient;
  private readonly byKey = new Map<string, Shared>();

  constructor(upstream: CoapClient) {
    this.upstream = upstream;
  }

  /** The current reply; observable unless upstream is not. */
  join(request: ClientRequest): Promise<CoapReply> {
    const key = keyOf(request);
    const known = this.byKey.get(key);
    const shared = known ?? this.start(key, request);
    if (shared.latest !== undefined) return Promise.resolve(this.observable(shared, shared.latest));
    // Upstream is silent: who asks now is not kept until the next attempt, which may be a minute away.
    if (known !== undefined && known.waiting.length === 0) known.upstream?.refresh();
    return new Promise((resolve, reject) => shared.waiting.push({ resolve, reject }));
  }

  private start(key: string, request: ClientRequest): Shared {
    const shared: Shared = {
      key,
      upstream: undefined,
      latest: undefined,
      subscribers: new Set(),
      waiting: [],
    };
    this.byKey.set(key, shared);
    shared.upstream = this.upstream.observe(
      request,
      {
        next: (response) => this.receive(shared, response),
        lost: (reason) => this.lose(shared, reason),
      },
      { singleMessage: true },
    );
    return shared;
  }

  private receive(shared: Shared, response: CoapResponse): void {
    const reply = passedReply(response);
    if (response.message.observe === undefined) {
      this.end(shared, reply);
      return;
    }
    shared.latest = reply;
    for (const changed of [...shared.subscribers]) changed(reply);
    const joining = shared.waiting.splice(0);
    // Who has just joined subscribes after this call; who then does not is noticed at the next notification.
    if (joining.length === 0) this.endUnused(shared);
    for (const { resolve } of joining) resolve(this.observable(shared, reply));
  }

  /** An error answer ends the observation; silence does not: upstream registers again, and clients keep their place. */
  private lose(shared: Shared, reason: CoapError | CoapResponse): void {
    if (!(reason instanceof CoapError)) {
      this.end(shared, passedReply(reason));
      return;
    }
    shared.latest = undefined;
    for (const { reject } of shared.waiting.splice(0)) reject(reason);
    this.endUnused(shared);
  }

  private end(shared: Shared, reply: CoapReply): void {
    this.stop(shared);
    // Only an error ends the observation for those who have one (RFC 7641 section 4.2).
    const last = codeClass(reply.code) === 2 ? noLonger : reply;
    for (const changed of [...shared.subscribers]) changed(last);
    for (const { resolve } of shared.waiting.splice(0)) resolve(reply);
  }

  private observable(shared: Shared, reply: CoapReply): CoapReply {
    return {
      ...reply,
      subscribe: (changed) => {
        shared.subscribers.add(changed);
        return () => {
          shared.subscribers.delete(changed);
          this.endUnused(shared);
        };
      },
    };
  }

  private endUnused(shared: Shared): void {
    if (shared.subscribers.size === 0 && shared.waiting.length === 0) this.stop(shared);
  }

  private stop(shared: Shared): void {
    if (this.byKey.get(shared.key) === shared) this.byKey.delete(shared.key);
    shared.upstream?.cancel();
  }
}

function keyOf(request: ClientRequest): string {
  const options = (request.options ?? []).map(({ number, value }) => `${number}=${value.join('.')}`);
  return `${request.method};${options.join(';')};${request.payload?.join('.') ?? ''}`;
}
