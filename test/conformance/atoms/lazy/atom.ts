import { Format, Output, Reply, Request, Self } from "@radon/atoms-as/assembly";

let asked: i32 = 0;

/** How often this instance was asked; POST also ends it. */
export function on_request(): i32 {
  asked += 1;
  if (Request.isPost()) Self.exit();
  Output.begin();
  Output.integer(asked);
  return Reply.content(Format.TEXT);
}
