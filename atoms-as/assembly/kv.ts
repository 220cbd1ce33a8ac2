import { kv_delete, kv_get, kv_list, kv_set } from "./abi.generated";
import { name, spare } from "./output";

/**
 * Values that survive restarts, updates and power cuts; per atom and node. What returned 0 is stored. Keys have at most
 * 32 bytes, values 1,024; flash wears, so keep what belongs together in one value.
 */
export namespace Kv {
  /**
   * Fills a record (an `@unmanaged` class) from a key. False when the key is missing or its value of another size; a
   * shorter value is then at the start.
   */
  export function read<T>(key: string, record: T): bool {
    const length = name(key);
    return kv_get(spare(), length, changetype<usize>(record), offsetof<T>()) == offsetof<T>();
  }

  /** Stores a record; 0 or an `ErrorCode`. */
  export function write<T>(key: string, record: T): i32 {
    const length = name(key);
    return kv_set(spare(), length, changetype<usize>(record), offsetof<T>());
  }

  /** One number; `otherwise` when the key is missing or holds a value of another size. */
  export function get<T>(key: string, otherwise: T): T {
    const length = name(key);
    // The value goes behind the key.
    const value = spare() + length;
    return kv_get(spare(), length, value, sizeof<T>()) == sizeof<T>() ? load<T>(value) : otherwise;
  }

  /** Stores one number; 0 or an `ErrorCode`. */
  export function set<T>(key: string, number: T): i32 {
    const length = name(key);
    const value = spare() + length;
    store<T>(value, number);
    return kv_set(spare(), length, value, sizeof<T>());
  }

  /** A text, null when the key is missing; allocates. */
  export function text(key: string): string | null {
    const keyLength = name(key);
    const length = kv_get(spare(), keyLength, 0, 0);
    if (length < 0) return null;
    const bytes = new StaticArray<u8>(length);
    kv_get(spare(), keyLength, changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length);
  }

  /** Stores a text as UTF-8; allocates. 0 or an `ErrorCode`. */
  export function setText(key: string, text: string): i32 {
    const bytes = String.UTF8.encode(text);
    const length = name(key);
    return kv_set(spare(), length, changetype<usize>(bytes), bytes.byteLength);
  }

  /** 0 or E_NOT_FOUND. */
  export function remove(key: string): i32 {
    const length = name(key);
    return kv_delete(spare(), length);
  }

  /** The keys that start with `prefix`, in ascending order; allocates. */
  export function keys(prefix: string = ""): string[] {
    const prefixLength = name(prefix);
    const length = kv_list(spare(), prefixLength, 0, 0);
    if (length <= 0) return [];
    const bytes = new StaticArray<u8>(length);
    kv_list(spare(), prefixLength, changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length - 1).split("\n");
  }
}
