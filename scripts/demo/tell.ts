import { randomUUID } from "node:crypto";

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Order, OrderStatus } from "@ordersaga/gen/order/v1/order";
import { type StepRecord, StepStatus } from "@ordersaga/gen/order/v1/saga";
import { appErrorFrom } from "@ordersaga/kernel";

import type { SystemClients } from "../system/clients.ts";
import { type Colour, colour } from "../terminal/colour.ts";
import type { Story } from "./stories.ts";

/** How a story ended: the order's last status, or the reason why it was not accepted. */
export type Ending = {
  readonly story: Story;
  readonly status: string;
};

/** Places a story's order and prints every step of its saga as it happens. */
export async function tell(
  clients: SystemClients,
  options: { readonly story: Story; readonly sessionId: string },
): Promise<Ending> {
  const { story, sessionId } = options;
  const say = (text: string, time = new Date()): void => {
    const clock = time.toISOString().slice(11, 23);
    console.log(`  ${colour("grey", clock)}  ${story.title.padEnd(14)}  ${text}`);
  };
  say(`orders ${story.quantity} × ${story.productId}, pays with ${story.token}`);
  const order = await place(clients, options).catch((error: unknown) => appErrorFrom(error));
  if (order instanceof Error) {
    const reason = order.details.reason ?? order.code;
    say(colour("red", `refused: ${order.message} (${reason})`));
    return { story, status: reason };
  }
  say(`order ${order.id}  saga ${colour("cyan", order.sagaId)}`);
  let last = order;
  for await (const update of clients.order.watchOrder({ orderId: order.id }, { sessionId })) {
    for (const step of update.steps) {
      say(describe(step), step.time === undefined ? new Date() : timestampDate(step.time));
    }
    last = update.order ?? last;
  }
  const status = statusNames[last.status] ?? String(last.status);
  const why = last.reason === "" ? "" : ` (${last.reason})`;
  say(colour(last.status === OrderStatus.CONFIRMED ? "green" : "yellow", `${status}${why}`));
  return { story, status };
}

async function place(
  clients: SystemClients,
  { story, sessionId }: { readonly story: Story; readonly sessionId: string },
): Promise<Order> {
  const { order } = await clients.order.createOrder(
    {
      requestId: randomUUID(),
      userId: "demo-user",
      lines: [{ productId: story.productId, quantity: story.quantity }],
      paymentMethod: { token: story.token },
    },
    { sessionId },
  );
  if (order === undefined) {
    throw new Error("CreateOrder answered without an order");
  }
  return order;
}

function describe({ step, status, message }: StepRecord): string {
  const [word, shade] = stepWords[status] ?? ["?", "grey"];
  const tail = message === "" ? "" : colour("grey", ` ${message}`);
  return `${step.padEnd(18)} ${colour(shade, word)}${tail}`;
}

const stepWords: Readonly<Record<number, readonly [string, Colour]>> = {
  [StepStatus.STARTED]: ["started", "grey"],
  [StepStatus.PENDING]: ["pending", "yellow"],
  [StepStatus.SUCCEEDED]: ["succeeded", "green"],
  [StepStatus.REFUSED]: ["refused", "red"],
  [StepStatus.UNDONE]: ["undone", "yellow"],
  [StepStatus.ABORTED]: ["aborted", "red"],
};

const statusNames: Readonly<Record<number, string>> = {
  [OrderStatus.PENDING]: "PENDING",
  [OrderStatus.INVENTORY_RESERVED]: "INVENTORY_RESERVED",
  [OrderStatus.PAYMENT_PENDING]: "PAYMENT_PENDING",
  [OrderStatus.CONFIRMED]: "CONFIRMED",
  [OrderStatus.FAILED]: "FAILED",
  [OrderStatus.CANCELLED]: "CANCELLED",
};
