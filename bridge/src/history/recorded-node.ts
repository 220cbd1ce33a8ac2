/** A node whose observed readings are written down: a NodePort in front of another. */
import type {
  NodePort,
  NodeRequest,
  NodeResponse,
  NodeState,
  NodeTraffic,
  Observation,
  ObservationListener,
} from '../registry/node.ts';

/** Takes what one observation tells of a resource; `close` when that ends. */
export interface Recorder {
  record(response: NodeResponse): void;
  /** Idempotent. */
  close(): void;
}

export class RecordedNode implements NodePort {
  readonly name: string;
  readonly #node: NodePort;
  readonly #openRecorder: (path: readonly string[]) => Recorder;

  constructor(node: NodePort, openRecorder: (path: readonly string[]) => Recorder) {
    this.name = node.name;
    this.#node = node;
    this.#openRecorder = openRecorder;
  }

  request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> {
    return this.#node.request(request, signal);
  }

  observe(request: NodeRequest, listener: ObservationListener): Observation {
    if (request.query.length > 0) return this.#node.observe(request, listener);
    const recorder = this.#openRecorder(request.path);
    const observation = this.#node.observe(request, {
      next(response) {
        recorder.record(response);
        listener.next(response);
      },
      lost: () => listener.lost(),
      back: () => listener.back(),
      end(response) {
        recorder.close();
        listener.end(response);
      },
    });
    return {
      close() {
        recorder.close();
        observation.close();
      },
    };
  }

  state(): NodeState {
    return this.#node.state();
  }

  traffic(): NodeTraffic | undefined {
    return this.#node.traffic?.();
  }

  watch(changed: () => void): () => void {
    return this.#node.watch(changed);
  }

  close(): Promise<void> {
    return this.#node.close();
  }
}
