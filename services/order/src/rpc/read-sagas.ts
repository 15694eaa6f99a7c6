import { SagaStatus } from "@ordersaga/gen/order/v1/saga";
import type { GetSagaRequest, ListSagasRequest } from "@ordersaga/gen/order/v1/order_service";
import { type Clock, invalidArgument } from "@ordersaga/kernel";
import { decodePageToken, encodePageToken, pageSizeOf } from "@ordersaga/rpc";

import { existing, orderIdOf } from "./ids.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { pageSizes, uuidPattern } from "./pages.ts";
import { sagaMessage } from "./saga-message.ts";
import { readableSessionOf } from "./session.ts";

/** GetSaga and ListSagas. */
export function readSagasHandlers({
  reads,
  clock,
}: OrderResources): Pick<OrderHandlers, "getSaga" | "listSagas"> {
  return {
    getSaga: async ({ id: wanted }, context) => {
      const id = idOf(wanted);
      const saga = await reads.findSaga({ id, sessionId: readableSessionOf(context) });
      return { saga: sagaMessage(existing(saga, "saga", wanted.value ?? "")) };
    },

    listSagas: async (request, context) => {
      const size = pageSizeOf(request.pageSize, pageSizes);
      const { status, currentStep, minRecoveries, unfinished } = request;
      const minAgeMs = minAgeMsOf(request);
      const filter = {
        list: "sagas",
        session: context.sessionId,
        status,
        currentStep: stepOf(currentStep),
        minAgeMs,
        minRecoveries,
        unfinished,
      };
      const key = decodePageToken(request.pageToken, { filter, key: [uuidPattern] });
      const sagas = await reads.listSagas({
        sessionId: readableSessionOf(context),
        status: status === SagaStatus.UNSPECIFIED ? undefined : nameOf(status),
        currentStep: filter.currentStep,
        updatedBefore: before(clock, minAgeMs),
        minRecoveries: minRecoveries === 0 ? undefined : minRecoveries,
        isUnfinished: unfinished,
        before: key?.[0],
        limit: size + 1,
      });
      const shown = sagas.slice(0, size);
      const last = sagas.length > size ? shown.at(-1) : undefined;
      return {
        sagas: shown.map(sagaMessage),
        nextPageToken: last ? encodePageToken({ key: [last.id], filter }) : "",
      };
    },
  };
}

function idOf(wanted: GetSagaRequest["id"]): string {
  switch (wanted.case) {
    case "orderId":
      return orderIdOf(wanted.value, "order_id");
    case "sagaId":
      return orderIdOf(wanted.value, "saga_id");
    default:
      throw invalidArgument({ field: "id", description: "order_id or saga_id is required" });
  }
}

function stepOf(name: string): string | undefined {
  if (name === "") {
    return undefined;
  }
  if (!/^[a-z0-9-]{1,64}$/.test(name)) {
    throw invalidArgument({ field: "current_step", description: "no step can have this name" });
  }
  return name;
}

/** Undefined when no age was asked for. */
function minAgeMsOf({ minAge }: ListSagasRequest): number | undefined {
  if (minAge === undefined) {
    return undefined;
  }
  const ms = Number(minAge.seconds) * 1000 + minAge.nanos / 1_000_000;
  if (!(ms >= 0 && ms <= longestMs)) {
    const description = "must be from 0 s to 100 years";
    throw invalidArgument({ field: "min_age", description });
  }
  return ms;
}

const longestMs = 100 * 366 * 86_400_000;

function before(clock: Clock, ageMs: number | undefined): Date | undefined {
  return ageMs === undefined ? undefined : new Date(clock.now().getTime() - ageMs);
}

function nameOf(status: SagaStatus): string | undefined {
  return Object.entries(SagaStatus).find(([, value]) => value === status)?.[0];
}
