import { Format, Reply, Request, Self, Writer } from "@radon/atoms-as/assembly";

const out = new Writer(32);
let asked: i32 = 0;

export function on_request(): i32 {
  asked += 1;
  if (Request.isPost) Self.exit();
  return Reply.content(out.clear(Format.TEXT).integer(asked));
}
