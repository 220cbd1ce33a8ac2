import { Clock, Format, Output, Reply } from "@radon/atoms-as/assembly";

/** Milliseconds of the node's clock that a fixed amount of work takes. */
export function on_request(): i32 {
  const began = Clock.uptimeMs();
  let crc: u32 = 0xffffffff;
  for (let i = 0; i < 4_000_000; i++) crc = (crc >> 1) ^ (0xedb88320 & (0 - ((crc ^ i) & 1)));
  const took = Clock.uptimeMs() - began;
  Output.begin();
  Output.decimal(crc == 0 ? 0 : took);
  return Reply.content(Format.TEXT);
}
