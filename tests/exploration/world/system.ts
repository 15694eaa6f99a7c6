import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { createInterner, type Interner } from "../parties/interner.ts";
import { createInventoryParty, type InventoryParty } from "../parties/inventory.ts";
import { createMessageBook, type MessageBook } from "../parties/message-book.ts";
import { createOrderParty, type OrderParty } from "../parties/order.ts";
import { createPaymentParty, type PaymentParty } from "../parties/payment.ts";
import { createProviderParty, type ProviderParty } from "../parties/provider.ts";
import type { Rules } from "../parties/rules.ts";
import { inboxSize } from "./extra.ts";
import type { Mode, World } from "./world.ts";

/** All parties for the orders of one coordination. */
export type Side = {
  readonly book: MessageBook;
  readonly order: OrderParty;
  readonly inventory: InventoryParty;
  readonly payment: PaymentParty;
};

/** The real decisions of all services, ready for one world. */
export type System = {
  readonly world: World;
  readonly rules: Rules;
  /** By number of the mode. */
  readonly sides: readonly Side[];
  readonly provider: ProviderParty;
  /** The inbox entry of a message that one of the participants or the coordinator has heard. */
  readonly deliveryOf: (mode: number, party: number, message: number) => number;
};

/** Modes by their number. */
export const modes: readonly Mode[] = ["choreographed", "orchestrated"];

/** Puts the parties of a world together. */
export function createSystem(world: World, rules: Rules): System {
  const keys: Interner<string> = createInterner({ name: "keys", bits: 1, keyOf: (key) => key });
  const deliveries = createInterner<string>({ name: "deliveries", bits: 5, keyOf: (key) => key });
  return {
    world,
    rules,
    sides: [Coordination.CHOREOGRAPHY, Coordination.ORCHESTRATION].map(sideOf),
    provider: createProviderParty(rules, keys),
    deliveryOf: (mode, party, message) => {
      const delivery = deliveries.of(`${mode} ${party} ${message}`);
      if (delivery >= inboxSize) {
        throw new Error("this world has more deliveries than its inboxes can remember");
      }
      return delivery;
    },
  };

  function sideOf(coordination: Coordination): Side {
    const notesConfirmation = world.may.has("operator-refund");
    const book = createMessageBook({ coordination, notesConfirmation });
    return {
      book,
      order: createOrderParty({ rules, coordination, book }),
      inventory: createInventoryParty({ rules, book }),
      payment: createPaymentParty({ rules, book, keys }),
    };
  }
}
