import { participate, type ProgressOf } from "@ordersaga/saga";
import { placeOrder } from "@ordersaga/place-order";

const p = participate(placeOrder, "inventory", {
  "reserve-inventory": {
    do: async (uow, requests) => {
      for (const { request, context } of requests) {
        request.lines.map((line) => line.quantity);
        p.answer(uow, {
          step: "reserve-inventory",
          context,
          outcome: { case: "reserved", value: {} },
        });
        p.answer(uow, {
          step: "reserve-inventory",
          context,
          outcome: { case: "released", value: { cause: { code: "x" } } },
        });
        p.answer(uow, {
          step: "commit-inventory",
          context,
          outcome: { case: "committed", value: {} },
        });
        // @ts-expect-error no such
        p.answer(uow, {
          step: "commit-inventory",
          context,
          outcome: { case: "released", value: {} },
        });
      }
    },
    undo: async (_uow, requests) => {
      requests.map(({ request }) => request.cause?.code);
    },
  },
  "commit-inventory": { do: async () => {} },
});
export const x: ProgressOf<typeof placeOrder> = "PENDING";
// @ts-expect-error
export const y: ProgressOf<typeof placeOrder> = "PENDINg";
// @ts-expect-error
participate(placeOrder, "shipping", {});
// @ts-expect-error
participate(placeOrder, "payment", {});
