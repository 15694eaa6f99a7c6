import { type UnitsOfWork, writeAudit } from "@ordersaga/outbox";
import type { AbortedAs, AbortResult, Coordinator } from "@ordersaga/saga";

/** What became of an administrator's decision against an order. */
export type OverrideOrder = (override: {
  readonly id: string;
  readonly sessionId: string;
  readonly as: AbortedAs;
  readonly reason: string;
}) => Promise<Pick<AbortResult, "result" | "decision">>;

/** Decides against an undecided order on an administrator's word, and writes down whose word it was. */
export function createOverrideOrder(dependencies: {
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Pick<Coordinator, "abort">;
}): OverrideOrder {
  const { unitsOfWork, coordinator } = dependencies;
  return ({ id: sagaId, sessionId, as, reason }) =>
    unitsOfWork.run(async (uow) => {
      const cause = { code: "ADMINISTRATOR", message: reason };
      const [aborted] = await coordinator.abort(uow, [{ sagaId, sessionId, as, cause }]);
      if (aborted?.result === "DECIDED") {
        const action = as === "CANCELLED" ? "cancel-order" : "fail-order";
        await writeAudit(uow, { action, target: sagaId, sessionId, reason });
      }
      return aborted ?? { result: "NOT_FOUND" };
    });
}
