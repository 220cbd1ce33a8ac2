import * as abi from "./abi.generated";
import { EventField } from "./abi.generated";
import { Event } from "./event";
import { BUFFER, Output, field, isText, name, spare } from "./output";

/**
 * Creates an instance of a reactive atom on this node, which gets `args` in its `on_start`. The n > 0 of `definition~n`,
 * or an `ErrorCode`. It starts after this activation.
 */
export function spawn(definition: string, args: string = ""): i32 {
  Output.begin();
  Output.text(args);
  return spawnWithOutput(definition);
}

/** The same with the arguments in `Output`, at most 256 bytes. */
export function spawnWithOutput(definition: string): i32 {
  if (!Output.fits()) return abi.ErrorCode.E_TOO_BIG;
  const length = name(definition);
  return abi.spawn(spare(), length, BUFFER, Output.length());
}

/** Why this instance was created (`on_start`). */
export namespace Start {
  /** Whether another instance created it by `spawn`; else the node did. */
  export function isSpawned(): bool {
    return Event.size(EventField.SENDER) > 0;
  }

  /** Whether this atom or instance created it. */
  export function isFrom(spawner: string): bool {
    return isText(field(EventField.SENDER), spawner);
  }

  /** Who created it, empty for the node; allocates. */
  export function spawner(): string {
    return Event.text(EventField.SENDER);
  }

  /** The arguments as a decimal number, NaN where they are none. */
  export function number(): f64 {
    return Event.number();
  }

  /** Fills a record (an `@unmanaged` class) from arguments of its size; false for any other. */
  export function read<T>(record: T): bool {
    return Event.read<T>(record);
  }

  /** The arguments as text; allocates. */
  export function args(): string {
    return Event.text(EventField.PAYLOAD);
  }
}
