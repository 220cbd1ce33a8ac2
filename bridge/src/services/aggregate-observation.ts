/** The stream of `?all`: every provider is observed, the document is told anew when one of them changes. */
import { sameBytes } from '../fields/index.ts';
import type { RadonError } from '../problem/index.ts';
import type { NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { aggregateOf, aggregateResponse } from './aggregate.ts';
import { patienceMs } from './fail-over.ts';
import type { Provider } from './provider.ts';
import { type ProviderSource, problemOf, refreshMs, requestOf, unreachable } from './provider-source.ts';
import type { Selection } from './selection.ts';

/** Milliseconds between two documents, at least. */
const pauseMs = 1_000;

interface Member {
  provider: Provider;
  /** Undefined where it could not be observed, or not any more. */
  observation: Observation | undefined;
  /** Undefined until it says something. */
  answer: NodeResponse | RadonError | undefined;
}

export class AggregateObservation implements Observation {
  readonly #source: ProviderSource;
  readonly #selection: Selection;
  /** Content-format of the document. */
  readonly #accept: number;
  readonly #listener: ObservationListener;
  readonly #members = new Map<string, Member>();
  readonly #stopWatching: () => void;
  readonly #refreshTimer: NodeJS.Timeout;
  /** Runs while nothing is told: until everybody has answered, and after each document. */
  #pause: NodeJS.Timeout | undefined;
  #told: NodeResponse | undefined;
  #isOver = false;

  constructor(source: ProviderSource, selection: Selection, accept: number, listener: ObservationListener) {
    this.#source = source;
    this.#selection = selection;
    this.#accept = accept;
    this.#listener = listener;
    this.#pause = setTimeout(() => this.#tell(), patienceMs);
    this.#refreshTimer = setInterval(() => void this.#refresh(), refreshMs);
    this.#stopWatching = source.watch(() => void this.#refresh());
    void this.#begin();
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#pause);
    clearInterval(this.#refreshTimer);
    this.#stopWatching();
    for (const { observation } of this.#members.values()) observation?.close();
    this.#members.clear();
  }

  /** Without anybody who can be asked there is no stream. */
  async #begin(): Promise<void> {
    try {
      await this.#source.find(undefined);
      await this.#refresh();
    } catch (error) {
      if (this.#isOver) return;
      this.close();
      this.#listener.end(problemOf(error));
    }
  }

  /** Takes in who is new, lets go who offers nothing any more, asks again who could not be observed. */
  async #refresh(): Promise<void> {
    const providers = await this.#source.findAll();
    if (this.#isOver) return;
    const present = new Set(providers.map(({ href }) => href));
    for (const [href, { observation }] of [...this.#members]) {
      if (present.has(href)) continue;
      observation?.close();
      this.#members.delete(href);
    }
    for (const provider of providers) this.#observe(provider);
    this.#change();
  }

  #observe(provider: Provider): void {
    const { href } = provider;
    const member = this.#members.get(href) ?? { provider, observation: undefined, answer: undefined };
    this.#members.set(href, member);
    if (member.observation !== undefined) return;
    const take = (answer: NodeResponse | RadonError) => {
      member.answer = answer;
      this.#change();
    };
    member.provider = provider;
    const request = requestOf(provider, this.#selection);
    member.observation = this.#source.observations.observe(provider.node, request, {
      next: take,
      lost: () => take(unreachable(provider)),
      back() {},
      end(response) {
        member.observation = undefined;
        take(response);
      },
    });
  }

  #change(): void {
    const isOpening = this.#told === undefined;
    const mayTell = isOpening ? this.#isComplete() : this.#pause === undefined;
    if (mayTell) this.#tell();
  }

  #isComplete(): boolean {
    return [...this.#members.values()].every(({ answer }) => answer !== undefined);
  }

  /** Unless it is what was told last. */
  #tell(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    const response = aggregateResponse(this.#document(), this.#accept);
    if (this.#told !== undefined && sameBytes(this.#told.payload, response.payload)) return;
    this.#told = response;
    this.#pause = setTimeout(() => this.#tell(), pauseMs);
    this.#listener.next(response);
  }

  #document() {
    const answers = [...this.#members.values()].map(({ provider, answer }) => ({
      provider,
      answer: answer ?? unreachable(provider),
    }));
    return aggregateOf(this.#selection.type, answers, Date.now() / 1000);
  }
}
