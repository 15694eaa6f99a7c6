import { invalidArgument } from "@ordersaga/kernel";

/**
 * Returns the text if PostgreSQL can store it just as it is: without NUL, and without half of a surrogate
 * pair (JSON can spell one). Anything else is INVALID_ARGUMENT with this field.
 */
export function storableText(text: string, field: string): string {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw invalidArgument({ field, description: "must be Unicode text without NUL" });
  }
  return text;
}
