/** The smallest UUID that a UUIDv7 of this millisecond, or a later one, can be. */
export function firstUuidAt(milliseconds: number): string {
  const time = Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
