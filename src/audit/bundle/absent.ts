import { isNativeError } from "node:util/types";

/** Whether the file system says that a file is not there. */
export function isAbsent(error: unknown): boolean {
  return isNativeError(error) && Reflect.get(error, "code") === "ENOENT";
}
