import { ErrorCode, kv_delete, kv_get, kv_list, kv_set } from "./abi.generated";
import { scratch, toScratch } from "./text";

/**
 * Values that survive restarts, updates and power cuts; per atom and node. What returned 0 is stored. Keys have at most
 * 32 bytes, values 1,024; flash wears, so keep what belongs together in one value.
 */
export class Kv {
  /** Fills `values` from a key; false, and nothing written, when it is missing or of another size. */
  static read<T>(key: string, values: StaticArray<T>): bool {
    const bytes = values.length << alignof<T>();
    if (kv_get(scratch, toScratch(key), 0, 0) != bytes) return false;
    return kv_get(scratch, toScratch(key), changetype<usize>(values), bytes) == bytes;
  }

  /** Stores the numbers of an array; 0 or an `ErrorCode`. */
  static write<T>(key: string, values: StaticArray<T>): i32 {
    return kv_set(scratch, toScratch(key), changetype<usize>(values), values.length << alignof<T>());
  }

  /** One number; `otherwise` when the key is missing or holds a value of another size. */
  static get<T>(key: string, otherwise: T): T {
    const length = toScratch(key);
    // The value goes behind the key: a key has at most 32 bytes.
    const value = scratch + 64;
    return kv_get(scratch, length, value, sizeof<T>()) == sizeof<T>() ? load<T>(value) : otherwise;
  }

  /** Stores one number; 0 or an `ErrorCode`. */
  static set<T>(key: string, number: T): i32 {
    const length = toScratch(key);
    const value = scratch + 64;
    store<T>(value, number);
    return kv_set(scratch, length, value, sizeof<T>());
  }

  /** A text, null when the key is missing; allocates. */
  static text(key: string): string | null {
    const length = kv_get(scratch, toScratch(key), 0, 0);
    if (length < 0) return null;
    const bytes = new StaticArray<u8>(length);
    kv_get(scratch, toScratch(key), changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length);
  }

  /** Stores a text as UTF-8; allocates. 0 or an `ErrorCode`. */
  static setText(key: string, text: string): i32 {
    const bytes = String.UTF8.encode(text);
    return kv_set(scratch, toScratch(key), changetype<usize>(bytes), bytes.byteLength);
  }

  /** 0 or E_NOT_FOUND. */
  static remove(key: string): i32 {
    return kv_delete(scratch, toScratch(key));
  }

  /** The keys that start with `prefix`, in ascending order; allocates. */
  static keys(prefix: string = ""): string[] {
    const length = kv_list(scratch, toScratch(prefix), 0, 0);
    if (length <= 0) return [];
    const bytes = new StaticArray<u8>(length);
    kv_list(scratch, toScratch(prefix), changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length - 1).split("\n");
  }
}
