import { create, type DescMessage, type Message as Payload, toBinary } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { type EventContext, type OutgoingEvent, subjectOf } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { planOf, type Trigger, triggersOf } from "@ordersaga/saga";

import { createInterner } from "./interner.ts";

/** Who hears messages. A message that two of them hear is delivered to each on its own. */
export const parties = ["order", "inventory", "payment"] as const;
export type Party = (typeof parties)[number];

/** One message by its content. */
export type Message = {
  readonly type: DescMessage;
  readonly payload: Payload;
  readonly context: EventContext;
  /** Such as `order-created`. */
  readonly name: string;
  /** What makes a step's owner act on it, if it does. */
  readonly triggers: Readonly<Record<"inventory" | "payment", Trigger | undefined>>;
};

/** All messages of a world's orders of one coordination. Sets of messages are 32-bit masks. */
export type MessageBook = {
  /** The mask of some messages; those that nobody hears are left out. */
  readonly maskOf: (events: readonly OutgoingEvent[]) => number;
  readonly at: (index: number) => Message;
  /** The mask of all messages that this party hears. */
  readonly heardBy: (party: number) => number;
};

/** Makes an empty book. `notesConfirmation`: payment hears `order-confirmed`, too. */
export function createMessageBook(options: {
  readonly coordination: Coordination;
  readonly notesConfirmation: boolean;
}): MessageBook {
  const { coordination, notesConfirmation } = options;
  const messages = createInterner({ name: "messages", bits: 5, keyOf: textOf });
  const masks = [0, 0, 0];
  const triggers = {
    inventory: byType("inventory"),
    payment: byType("payment"),
  };

  return { maskOf, at: messages.at, heardBy: (party) => masks[party] ?? 0 };

  function byType(owner: "inventory" | "payment"): ReadonlyMap<string, Trigger> {
    const own = triggersOf(placeOrder, owner).filter((each) => each.coordination === coordination);
    return new Map(own.map((trigger) => [trigger.on.typeName, trigger]));
  }

  function maskOf(events: readonly OutgoingEvent[]): number {
    let mask = 0;
    for (const event of events) {
      const message = messageOf(event);
      const hearing = parties.map((party) => isHeard(message, party));
      if (hearing.includes(true)) {
        const bit = 1 << messages.of(message);
        mask |= bit;
        hearing.forEach((isHearing, party) => {
          masks[party] = (masks[party] ?? 0) | (isHearing ? bit : 0);
        });
      }
    }
    return mask;
  }

  function messageOf({ type, payload, context }: OutgoingEvent): Message {
    return {
      type,
      payload: create(type, payload),
      context,
      name: subjectOf(type).split(".").at(-1) ?? "",
      triggers: {
        inventory: triggers.inventory.get(type.typeName),
        payment: triggers.payment.get(type.typeName),
      },
    };
  }

  function isHeard({ type, name, triggers: acts }: Message, party: Party): boolean {
    if (party === "order") {
      return planOf(placeOrder).outcomeOfType.has(type.typeName);
    }
    const isNoted = notesConfirmation && party === "payment" && name === "order-confirmed";
    return acts[party] !== undefined || isNoted;
  }
}

/** The content of a message, byte by byte. */
function textOf({ type, payload, context }: Message): string {
  const bytes = Buffer.from(toBinary(type, payload)).toString("hex");
  return `${type.typeName} ${bytes} ${contextText(context)}`;
}

/** What a context says besides which saga it is of. */
export function contextText({ coordination, definitionVersion, state }: EventContext): string {
  return `${coordination} ${definitionVersion} ${Buffer.from(state).toString("hex")}`;
}
