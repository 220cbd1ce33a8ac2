/** The stream of a resource type: when its provider is lost, it goes on with the next one. */
import { code } from '../coap/codes.ts';
import { problemReply } from '../problem/index.ts';
import type { NodePort, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { patienceMs } from './fail-over.ts';
import type { Provider } from './provider.ts';
import { type ProviderSource, problemOf, refreshMs, requestOf, unreachable } from './provider-source.ts';
import type { Selection } from './selection.ts';

/** What a stream of services tells; `provider` is left out where it speaks of all of them. */
export interface ServiceResponse extends NodeResponse {
  readonly provider?: Provider;
}

/** A provider that is asked, or whose values are told. */
interface Attempt {
  readonly provider: Provider;
  /** Ends it; whoever waits for its first answer goes on. */
  giveUp(): void;
}

export class ServiceObservation implements Observation {
  readonly #source: ProviderSource;
  readonly #selection: Selection;
  readonly #listener: ObservationListener<ServiceResponse>;
  readonly #stopWatching: () => void;
  /** Before the first value; while there is a provider; while there is none; when nobody listens any more. */
  #state: 'opening' | 'up' | 'lost' | 'over' = 'opening';
  /** Told last. It goes on while it is lost: it may be the first that is back. */
  #present: Attempt | undefined;
  /** Whose first answer is waited for. */
  #asked: Attempt | undefined;
  /** Once there is a value, its format: an observer is told one format only (RFC 7641 section 4.2). */
  #accept: number | undefined;
  /** When nodes that ended an observation are asked again, so that none is asked without pause. */
  readonly #restingUntil = new WeakMap<NodePort, number>();
  #isSearching = false;
  /** Whether nodes changed since the search began. */
  #hasNews = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    source: ProviderSource,
    selection: Selection,
    accept: number | undefined,
    listener: ObservationListener<ServiceResponse>,
  ) {
    this.#source = source;
    this.#selection = selection;
    this.#accept = accept;
    this.#listener = listener;
    this.#stopWatching = source.watch(() => {
      this.#hasNews = true;
      if (this.#state === 'lost') void this.#search();
    });
    void this.#search();
  }

  close(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#stopWatching();
    this.#present?.giveUp();
    this.#asked?.giveUp();
  }

  /** Looks for somebody who answers; one search at a time. */
  async #search(): Promise<void> {
    if (this.#isSearching) return;
    this.#isSearching = true;
    clearTimeout(this.#timer);
    const failure = await this.#askAll().catch(problemOf);
    this.#isSearching = false;
    if (this.#state === 'opening') {
      this.close();
      this.#listener.end(failure);
    } else if (this.#state === 'lost') {
      if (this.#hasNews) void this.#search();
      else this.#timer = setTimeout(() => void this.#search(), refreshMs);
    }
  }

  /** Asks one after the other until somebody is there; resolves with what was said last by who is no provider. */
  async #askAll(): Promise<NodeResponse> {
    this.#hasNews = false;
    const providers = await this.#source.find(this.#accept);
    let failure: NodeResponse = problemReply(unreachable(providers[0]));
    for (const provider of providers) {
      if (this.#state !== 'opening' && this.#state !== 'lost') break;
      if (provider.href === this.#present?.provider.href || this.#rests(provider)) continue;
      const hasTime = this.#state === 'opening' && provider === providers.at(-1);
      failure = (await this.#ask(provider, hasTime ? undefined : patienceMs)) ?? failure;
    }
    return failure;
  }

  #rests({ node }: Provider): boolean {
    return (this.#restingUntil.get(node) ?? 0) > performance.now();
  }

  /** Resolves with why a provider is none; with undefined when it is one, or when nobody waits for it any more. */
  #ask(provider: Provider, withinMs: number | undefined): Promise<NodeResponse | undefined> {
    return new Promise((resolve) => {
      const settle = (failure?: NodeResponse) => {
        clearTimeout(timer);
        if (this.#asked === attempt) this.#asked = undefined;
        resolve(failure);
      };
      const giveUp = (failure?: NodeResponse) => {
        observation.close();
        settle(failure);
      };
      const beUnreachable = () => giveUp(problemReply(unreachable(provider)));
      const request = requestOf(provider, this.#selection, this.#accept);
      const observation = this.#source.observations.observe(provider.node, request, {
        next: (response) => {
          settle();
          this.#tell(attempt, response);
        },
        lost: () => (this.#asked === attempt ? beUnreachable() : this.#lose(attempt)),
        back() {},
        end: (response) => {
          if (response.code === code.notFound) this.#source.forget(provider);
          this.#restingUntil.set(provider.node, performance.now() + refreshMs);
          settle(response);
          this.#lose(attempt);
          if (this.#present === attempt) this.#present = undefined;
        },
      });
      const attempt: Attempt = { provider, giveUp: () => giveUp() };
      const timer = withinMs === undefined ? undefined : setTimeout(beUnreachable, withinMs);
      this.#asked = attempt;
    });
  }

  /** With its first value an attempt takes over from the one before. */
  #tell(attempt: Attempt, response: NodeResponse): void {
    if (this.#present !== attempt) this.#present?.giveUp();
    this.#present = attempt;
    this.#asked?.giveUp();
    this.#accept ??= response.contentFormat;
    const isBack = this.#state === 'lost';
    this.#state = 'up';
    if (isBack) this.#listener.back();
    this.#listener.next({ ...response, provider: attempt.provider });
  }

  #lose(attempt: Attempt): void {
    if (this.#present !== attempt || this.#state !== 'up') return;
    this.#state = 'lost';
    this.#listener.lost();
    void this.#search();
  }
}
