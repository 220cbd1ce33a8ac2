import { Code, EventField, Handled, Reply, Request } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

/** Gone after a restart. */
let asked: i32 = 0;
let zero: i32 = 0;

export function on_request(): i32 {
  asked += 1;
  if (Request.isFor("ok")) return asked == 1 ? Reply.text("first") : Reply.text("again");
  if (Request.isFor("trap")) unreachable();
  if (Request.isFor("spin")) while (true) {}
  if (Request.isFor("deep")) return deeper(0);
  if (Request.isFor("outside")) abi.event_read(EventField.PATH, 0x0ffffff0, 64);
  if (Request.isFor("divide")) return 1 / zero;
  return Handled.DONE;
}

function deeper(depth: i32): i32 {
  return depth < 0 ? Code.CONTENT : deeper(depth + 1) + 1;
}
