import type { MessageInitShape } from "@bufbuild/protobuf";
import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import {
  type SagaSchema,
  SagaStatus,
  type StepRecordSchema,
  StepStatus,
} from "@ordersaga/gen/order/v1/saga";

import type { SagaFacts, StepFacts } from "../domain/saga-facts.ts";
import { type OrderStanding, timestampOf } from "./messages.ts";

/** A saga with its history. */
export function sagaMessage(saga: SagaFacts): MessageInitShape<typeof SagaSchema> {
  return {
    id: saga.id.replaceAll("-", ""),
    orderId: saga.id,
    status: sagaStatusOf(saga),
    currentStep: saga.currentStep,
    coordination: saga.coordination,
    history: saga.history.map(stepMessage),
    createTime: timestampOf(saga.createdAt),
    updateTime: timestampOf(saga.updatedAt),
    ...(saga.endedAt === undefined ? {} : { endTime: timestampOf(saga.endedAt) }),
    ...(saga.deadlineAt === undefined ? {} : { deadline: timestampOf(saga.deadlineAt) }),
    recoveries: saga.recoveries,
    definitionVersion: saga.definitionVersion,
  };
}

export function stepMessage(step: StepFacts): MessageInitShape<typeof StepRecordSchema> {
  return {
    step: step.step,
    status: StepStatus[step.status as keyof typeof StepStatus],
    message: step.message,
    attempt: step.attempt,
    time: timestampOf(step.time),
  };
}

export function sagaStatusOf({ status }: SagaFacts): SagaStatus {
  return SagaStatus[status as keyof typeof SagaStatus];
}

/** Where the order stands that this saga carries. */
export function standingOf(saga: SagaFacts): OrderStanding {
  const status = OrderStatus[saga.progress as keyof typeof OrderStatus];
  return { status, reason: saga.reason, updatedAt: saga.updatedAt };
}
