/**
 * Memory of an atom: takes the place of the compiler's `rt/stub`. One heap between the static data and the memory
 * limit, first fit; a mark and sweep collector that runs only between activations, when the guest's stack holds no
 * reference (so no shadow stack is needed). Nothing here recurses: marking threads its work list through the headers.
 *
 *   offset           -16     -12    -8      -4 | 0
 *   heap object     link    info  rtId  rtSize | payload    blocks are multiples of 8 bytes
 *   static object gcInfo gcInfo2  rtId  rtSize | payload    laid out by the compiler; its info is 0
 *
 * info is the block's size in bytes, with its state in the three lowest bits. Generated code reads rtId and rtSize.
 */

// @ts-ignore: decorator
@inline const HEADER: usize = 16;
// @ts-ignore: decorator
@inline const LIVE: usize = 1;
// @ts-ignore: decorator
@inline const FREE: usize = 2;
/** From `heap.alloc`: the collector leaves it alone. */
// @ts-ignore: decorator
@inline const MANUAL: usize = 4;
// @ts-ignore: decorator
@inline const STATE: usize = 7;
/** End of the heap: the memory limit the module is built for. */
// @ts-ignore: decorator
@inline const LIMIT: usize = <usize>ASC_LOW_MEMORY_LIMIT;

/** End of the last block; 0 before the first allocation. */
let top: usize = 0;
/** No free block lies below. */
let hole: usize = 0;
/** Marked objects whose members are still to be visited, threaded through `link`. */
let pending: usize = 0;

// @ts-ignore: decorator
@inline function heapStart(): usize {
  return (__heap_base + 7) & ~7;
}

// @ts-ignore: decorator
@inline function getInfo(block: usize): usize {
  return load<usize>(block, 4);
}

// @ts-ignore: decorator
@inline function setInfo(block: usize, info: usize): void {
  store<usize>(block, info, 4);
}

// @ts-ignore: decorator
@inline function blockSize(block: usize): usize {
  return getInfo(block) & ~STATE;
}

/** A block for `payload` bytes; traps when the memory is full. */
function allocate(payload: usize): usize {
  if (payload > LIMIT) unreachable();
  const size = (payload + HEADER + 7) & ~7;
  if (!top) hole = top = heapStart();
  while (hole < top && !(getInfo(hole) & FREE)) hole += blockSize(hole);
  let block = hole;
  while (block < top) {
    const room = getInfo(block);
    if (room & FREE && room >= size) {
      const rest = (room & ~STATE) - size;
      // A remainder too small for a header stays part of the block.
      if (rest < HEADER) return setInfo(block, room & ~STATE), block;
      setInfo(block + size, rest | FREE);
      setInfo(block, size);
      return block;
    }
    block += room & ~STATE;
  }
  if (top + size > LIMIT) unreachable();
  setInfo(block, size);
  top = block + size;
  return block;
}

function release(block: usize): void {
  const size = blockSize(block);
  if (block + size == top) top = block;
  else setInfo(block, size | FREE);
  if (hole > block) hole = block;
}

/** Makes room for `payload` bytes in place: within the block, or behind it when it is the last one. */
function extend(block: usize, payload: usize): bool {
  const size = blockSize(block);
  if (payload <= size - HEADER) return true;
  const wanted = (payload + HEADER + 7) & ~7;
  if (block + size != top || wanted > LIMIT - block) return false;
  setInfo(block, wanted | (getInfo(block) & STATE));
  top = block + wanted;
  return true;
}

// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  const block = allocate(size);
  store<u32>(block, id, 8);
  store<usize>(block, size, 12);
  memory.fill(block + HEADER, 0, size);
  return block + HEADER;
}

// @ts-ignore: decorator
@global @unsafe
export function __renew(ptr: usize, size: usize): usize {
  const old = load<usize>(ptr - 4);
  const managed = ptr > heapStart();
  if (managed ? extend(ptr - HEADER, size) : size <= old) {
    store<usize>(ptr - 4, size);
    return ptr;
  }
  const renewed = __new(size, load<u32>(ptr - 8));
  memory.copy(renewed, ptr, min(old, size));
  if (managed) release(ptr - HEADER);
  return renewed;
}

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  const block = allocate(size);
  setInfo(block, getInfo(block) | MANUAL);
  return block + HEADER;
}

// @ts-ignore: decorator
@global @unsafe
export function __realloc(ptr: usize, size: usize): usize {
  if (extend(ptr - HEADER, size)) return ptr;
  const renewed = __alloc(size);
  memory.copy(renewed, ptr, blockSize(ptr - HEADER) - HEADER);
  release(ptr - HEADER);
  return renewed;
}

// @ts-ignore: decorator
@global @unsafe
export function __free(ptr: usize): void {
  release(ptr - HEADER);
}

// @ts-ignore: decorator
@global @unsafe
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __pin(ptr: usize): usize {
  return ptr;
}

// @ts-ignore: decorator
@global @unsafe
export function __unpin(ptr: usize): void {}

/** Called by the generated visitors for every reference, static objects included. */
// @ts-ignore: decorator
@global @unsafe
export function __visit(ptr: usize, cookie: u32): void {
  if (!ptr) return;
  const block = ptr - HEADER;
  const info = getInfo(block);
  if (info & LIVE) return;
  setInfo(block, info | LIVE);
  store<usize>(block, pending);
  pending = ptr;
}

function mark(): void {
  let statics: usize = 0;
  __visit_globals(0);
  while (pending) {
    const ptr = pending;
    pending = load<usize>(ptr - HEADER);
    if (ptr < heapStart()) {
      store<usize>(ptr - HEADER, statics);
      statics = ptr;
    }
    __visit_members(ptr, 0);
  }
  // The sweep does not come past static objects: clear their marks here.
  while (statics) {
    setInfo(statics - HEADER, 0);
    statics = load<usize>(statics - HEADER);
  }
}

/** Frees what is not marked and joins neighbours; a free end of the heap goes back to `top`. */
function sweep(): void {
  let block = heapStart();
  let run: usize = 0;
  hole = block;
  while (block < top) {
    const info = getInfo(block);
    const size = info & ~STATE;
    if (info & (LIVE | MANUAL)) {
      setInfo(block, info & ~LIVE);
      run = 0;
    } else {
      if (!run) run = block;
      setInfo(run, (block + size - run) | FREE);
    }
    block += size;
  }
  if (run) top = run;
}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {
  mark();
  sweep();
}
