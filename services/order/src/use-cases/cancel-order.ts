import { failpoint } from "@ordersaga/kernel";
import type { UnitsOfWork } from "@ordersaga/outbox";
import type { Coordinator, DecidedAs } from "@ordersaga/saga";

/** What became of the wish to cancel an order. */
export type CancelResult =
  /** By this wish or by one before it. */
  | { readonly kind: "cancelled" }
  /** It had been decided in another way. */
  | { readonly kind: "otherwise"; readonly decision: DecidedAs }
  | { readonly kind: "not-found" };

export type CancelOrder = (one: {
  readonly id: string;
  readonly sessionId: string;
}) => Promise<CancelResult>;

/** Decides against an order that nobody has decided yet; whatever was done for it is undone. */
export function createCancelOrder(dependencies: {
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Pick<Coordinator, "abort">;
}): CancelOrder {
  const { unitsOfWork, coordinator } = dependencies;
  return async ({ id: sagaId, sessionId }) => {
    failpoint("order.before-cancel");
    const [result] = await unitsOfWork.run((uow) =>
      coordinator.abort(uow, [{ sagaId, sessionId, as: "CANCELLED", cause: cancelledByUser }]),
    );
    failpoint("order.after-cancel");
    if (result === undefined || result.decision === undefined) {
      return { kind: "not-found" };
    }
    return result.decision === "CANCELLED"
      ? { kind: "cancelled" }
      : { kind: "otherwise", decision: result.decision };
  };
}

const cancelledByUser = {
  code: "CANCELLED_BY_USER",
  message: "The order was cancelled on request.",
};
