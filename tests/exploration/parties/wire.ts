import type { ProviderAnswer, ProviderCall } from "@ordersaga/payment/src/domain/payment.ts";

/**
 * What is under way between payment and the provider is in memory and on the network only: a set of calls,
 * under one of two keys at most, and of answers. A crash of payment loses it; anything of it may be late.
 */
export const wireBits = 8;

/** Calls by bit: charge and cancel under the first key, then under the second. */
export const wireCalls: readonly { readonly call: ProviderCall; readonly key: number }[] = [
  { call: "charge", key: 0 },
  { call: "cancel", key: 0 },
  { call: "charge", key: 1 },
  { call: "cancel", key: 1 },
];

const firstAnswer = wireCalls.length;
const answerKinds = ["charged", "declined", "undone", "undecided"] as const;

/** Answers by bit, behind the calls. */
export const wireAnswers = answerKinds.map((kind, index) => ({ kind, bit: firstAnswer + index }));

/** The bit of a call. */
export function bitOfCall(call: ProviderCall, key: number): number {
  return 1 << (2 * key + (call === "cancel" ? 1 : 0));
}

/** The bit of an answer. */
export function bitOfAnswer(kind: ProviderAnswer["kind"]): number {
  return 1 << (firstAnswer + answerKinds.indexOf(kind));
}

/** The answer with this number, counted from 0. */
export function answerAt(index: number): ProviderAnswer["kind"] {
  return answerKinds[index] ?? "undecided";
}
