import { type UnitsOfWork, writeAudit } from "@ordersaga/outbox";
import type { Coordinator, SayAgainResult } from "@ordersaga/saga";

/** What became of an operator's wish to move a saga on. */
export type RetrySaga = (one: {
  readonly id: string;
  readonly sessionId: string;
}) => Promise<SayAgainResult["result"]>;

/** Says again what an unfinished saga is waiting for, and writes down that an operator wanted it. */
export function createRetrySaga(dependencies: {
  readonly unitsOfWork: UnitsOfWork;
  readonly coordinator: Pick<Coordinator, "sayAgain">;
}): RetrySaga {
  const { unitsOfWork, coordinator } = dependencies;
  return ({ id: sagaId, sessionId }) =>
    unitsOfWork.run(async (uow) => {
      const [said] = await coordinator.sayAgain(uow, [{ sagaId, sessionId }]);
      if (said?.result === "SAID") {
        await writeAudit(uow, { action: "retry-saga", target: sagaId, sessionId, reason: "" });
      }
      return said?.result ?? "NOT_FOUND";
    });
}
