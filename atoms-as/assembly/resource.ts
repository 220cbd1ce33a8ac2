import * as abi from "./abi.generated";
import { Format } from "./abi.generated";
import { scratch, toScratch } from "./text";
import { Writer } from "./writer";

/**
 * Hands the node what it serves at `path` for GET and observers, one representation per content-format, until it is
 * replaced or older than `maxAgeS` (0: until replaced). 0 or an `ErrorCode`.
 */
export function publish(path: string, body: Writer, maxAgeS: i32 = 0): i32 {
  if (!body.fits) return abi.ErrorCode.E_TOO_BIG;
  const length = toScratch(path);
  return abi.publish(scratch, length, body.format, body.start, body.length, maxAgeS);
}

/** Asks the node to run the GET handler again for everyone who observes `path`. */
export function notify(path: string): i32 {
  return abi.notify(scratch, toScratch(path));
}
