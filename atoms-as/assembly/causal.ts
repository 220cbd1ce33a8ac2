import { EventField } from "./abi.generated";
import { Output, field, spare } from "./output";

/** Members of a group at most. */
// @ts-ignore: decorator
@inline const MOST: i32 = 8;
/** A message begins with its sender's place and the number of members, a byte each; then the clock, then the body. */
// @ts-ignore: decorator
@inline const HEAD: i32 = 2;
/** A count by member, 16 bits each: of this member what it sent, of the others what was taken from them. */
// @ts-ignore: decorator
@lazy const clock: usize = memory.data(16, 2);

// @ts-ignore: decorator
@lazy let self: i32 = 0;
// @ts-ignore: decorator
@lazy let members: i32 = 0;

/**
 * Causal order on top of the order that nodes keep between two atoms: whoever sees an answer has seen what it answers.
 * Every message goes to all members and carries a vector clock; one that comes too early is answered with LATER and
 * offered again (Birman, Schiper, Stephenson, "Lightweight causal and atomic group multicast", 1991).
 *
 *     Causal.open(me, 3);                                                      // on_start: members 0, 1 and 2
 *     Causal.begin(); Output.text("hi"); send("peers");                        // to an alias of all members
 *     if (!Causal.isDue()) return Handled.LATER; Output.begin(); Causal.body(); // on_message
 *
 * A lost message holds up what depends on it until its sender sends again, or until the receiver's `inbox.waitMs`.
 */
export namespace Causal {
  /** This member's place among `count` (at most 8), which all members number alike. Clears the clock. */
  export function open(place: i32, count: i32): void {
    self = place;
    members = min(count, MOST);
    memory.fill(clock, 0, 2 * MOST);
  }

  /** Starts a message in `Output`: the head is written, the body follows. Counts as sent. */
  export function begin(): void {
    setCount(self, <u16>(count(self) + 1));
    Output.begin();
    Output.byte(self);
    Output.byte(members);
    for (let at = 0; at < 2 * members; at++) Output.byte(load<u8>(clock + at));
  }

  /** Whether all that the current message depends on was taken; it then counts as taken too. Otherwise answer LATER. */
  export function isDue(): bool {
    const from = sender();
    if (from < 0 || from == self) return true;
    for (let place = 0; place < members; place++) {
      // Counts go round after 65,535: less than half a round ahead is newer.
      if (place != from && place != self && <i16>(told(place) - count(place)) > 0) return false;
    }
    setCount(from, told(from));
    return true;
  }

  /** Place of the member that sent the current message, -1 for one that is no message of the group. */
  export function sender(): i32 {
    const length = field(EventField.PAYLOAD);
    const isOfGroup = length >= HEAD + 2 * members && load<u8>(spare(), 1) == <u8>members;
    return isOfGroup && load<u8>(spare()) < <u8>members ? load<u8>(spare()) : -1;
  }

  /** Adds the body of the current message to `Output`. */
  export function body(): void {
    Output.payload(HEAD + 2 * members);
  }
}

// @ts-ignore: decorator
@inline function count(place: i32): u16 {
  return load<u16>(clock + 2 * place);
}

// @ts-ignore: decorator
@inline function setCount(place: i32, value: u16): void {
  store<u16>(clock + 2 * place, value);
}

/** The count of a member that the message read last carries. */
// @ts-ignore: decorator
@inline function told(place: i32): u16 {
  return load<u16>(spare() + HEAD + 2 * place);
}
