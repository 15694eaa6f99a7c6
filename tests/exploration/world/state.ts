import type { Local } from "./local.ts";
import { packRecords, packWire, unpackRecords, unpackWire, wordsOfOrder } from "./local.ts";

/** Words of a packed state: three for each order, one for the stock. */
export function wordsOf(orders: number): number {
  return wordsOfOrder * orders + 1;
}

/** Reads one order and the stock. */
export function readOrder(words: Int32Array, slot: number, local: Local): void {
  const at = slot * wordsOfOrder;
  local.messages = words[at] ?? 0;
  unpackRecords(words[at + 1] ?? 0, local);
  unpackWire(words[at + 2] ?? 0, local);
  const stock = words[words.length - 1] ?? 0;
  local.available = (stock & 15) - offset;
  local.reserved = ((stock >> 4) & 15) - offset;
  local.sold = ((stock >> 8) & 15) - offset;
  local.said = 0;
  local.fault = undefined;
}

/** Writes one order and the stock. */
export function writeOrder(words: Int32Array, slot: number, local: Local): void {
  const at = slot * wordsOfOrder;
  words[at] = local.messages;
  words[at + 1] = packRecords(local);
  words[at + 2] = packWire(local);
  const last = words.length - 1;
  const { available, reserved, sold } = local;
  const pieces = (available + offset) | ((reserved + offset) << 4) | ((sold + offset) << 8);
  words[last] = ((words[last] ?? 0) & ~0xfff) | pieces;
}

/** Pieces that were free at the beginning. */
export function initialStock(words: Int32Array): number {
  return (words[words.length - 1] ?? 0) >>> 12;
}

/** Notes how many pieces are free at the beginning. */
export function writeInitialStock(words: Int32Array, pieces: number): void {
  words[words.length - 1] = pieces << 12;
}

/** A mutant may make a number negative; its invariant is broken then, and it goes no further. */
const offset = 4;

/**
 * Puts the orders into the one order that stands for all: they are alike, so two states that differ in
 * their places only are one. Returns where each place came from.
 */
export function canonise(words: Int32Array, orders: number, places: number[]): void {
  for (let slot = 0; slot < orders; slot += 1) {
    places[slot] = slot;
  }
  for (let slot = 1; slot < orders; slot += 1) {
    for (let at = slot; at > 0 && isBefore(words, at, at - 1); at -= 1) {
      swap(words, at, at - 1);
      const place = places[at] ?? 0;
      places[at] = places[at - 1] ?? 0;
      places[at - 1] = place;
    }
  }
}

function isBefore(words: Int32Array, a: number, b: number): boolean {
  for (let word = 0; word < wordsOfOrder; word += 1) {
    const one = words[a * wordsOfOrder + word] ?? 0;
    const other = words[b * wordsOfOrder + word] ?? 0;
    if (one !== other) {
      return one < other;
    }
  }
  return false;
}

function swap(words: Int32Array, a: number, b: number): void {
  for (let word = 0; word < wordsOfOrder; word += 1) {
    const one = words[a * wordsOfOrder + word] ?? 0;
    words[a * wordsOfOrder + word] = words[b * wordsOfOrder + word] ?? 0;
    words[b * wordsOfOrder + word] = one;
  }
}
