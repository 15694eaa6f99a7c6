import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";

import type { Rule, SagaDefinition } from "./definition.ts";

type WithState = Pick<SagaDefinition, "state">;

/** The state that the bytes of an event or a row stand for. */
export function decodeState({ state }: WithState, bytes: Uint8Array): Message {
  return fromBinary(state, bytes);
}

/** The bytes by which a state travels and is stored. */
export function encodeState({ state }: WithState, init: Record<string, unknown>): Uint8Array {
  return toBinary(state, create(state, init));
}

/** The bytes after a success: patched as its rule says. They are decoded only for a rule that looks. */
export function advanceState(
  definition: WithState,
  rule: Rule,
  event: Message,
  bytes: Uint8Array,
): Uint8Array {
  const { advance } = rule;
  if (advance === undefined) {
    return bytes;
  }
  const state = advance.length > 1 ? decodeState(definition, bytes) : emptyOf(definition);
  return patchState(definition, bytes, { ...advance(event, state) });
}

/**
 * The bytes after a patch; the very same when the patch is empty. A patch of plain values is appended
 * instead of decoding everything: the last one of a field wins. Source: Protocol Buffers encoding guide,
 * "Last One Wins".
 */
export function patchState(
  definition: WithState,
  bytes: Uint8Array,
  patch: Readonly<Record<string, unknown>>,
): Uint8Array {
  const names = Object.keys(patch);
  if (names.length === 0) {
    return bytes;
  }
  if (names.every((name) => canAppend(definition, name, patch[name]))) {
    const tail = encodeState(definition, patch);
    const whole = new Uint8Array(bytes.length + tail.length);
    whole.set(bytes);
    whole.set(tail, bytes.length);
    return whole;
  }
  const state = decodeState(definition, bytes);
  return encodeState(definition, { ...state, ...patch });
}

const empties = new WeakMap<DescMessage, Message>();

/** Stands in for the state where a mapping does not look at it. */
function emptyOf({ state }: WithState): Message {
  const known = empties.get(state) ?? create(state);
  empties.set(state, known);
  return known;
}

/** A default value is not written at all, so it could not replace what is there. */
function canAppend({ state }: WithState, name: string, value: unknown): boolean {
  const isPlain = state.fields.some(
    ({ localName, fieldKind, oneof }) =>
      localName === name && fieldKind === "scalar" && oneof === undefined,
  );
  return isPlain && Boolean(value);
}
