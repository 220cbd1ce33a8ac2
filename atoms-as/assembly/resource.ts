import * as abi from "./abi.generated";
import { BUFFER, Output, name, spare } from "./output";

/**
 * Hands the node the body in `Output`: what it serves at `path` for GET and observers, one representation per
 * content-format, until it is replaced or older than `maxAgeS` (0: until replaced). 0 or an `ErrorCode`.
 */
export function publish(path: string, format: i32, maxAgeS: i32 = 0): i32 {
  if (!Output.fits()) return abi.ErrorCode.E_TOO_BIG;
  const length = name(path);
  return abi.publish(spare(), length, format, BUFFER, Output.length(), maxAgeS);
}

/** Asks the node to run the GET handler again for everyone who observes `path`. */
export function notify(path: string): i32 {
  const length = name(path);
  return abi.notify(spare(), length);
}
