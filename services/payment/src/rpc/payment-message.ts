import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type PaymentSchema,
  PaymentStatus as Status,
} from "@ordersaga/gen/payment/v1/payment_service";
import { hexOfUuid } from "@ordersaga/kernel";

import type { PaymentStatus } from "../domain/payment.ts";
import { paymentIdOf } from "../domain/payment-id.ts";
import type { PaymentRecord } from "../persistence/payment.entity.ts";

/** A payment as callers see it. */
export function paymentMessage(record: PaymentRecord): MessageInitShape<typeof PaymentSchema> {
  const { sagaId, currencyCode, minorUnits } = record;
  const hasAmount = typeof currencyCode === "string" && typeof minorUnits === "bigint";
  return {
    id: paymentIdOf(sagaId),
    sagaId: hexOfUuid(sagaId) ?? sagaId,
    orderId: sagaId,
    userId: record.userId ?? "",
    status: publicStatus[record.status],
    ...(hasAmount ? { amount: { currencyCode, minorUnits } } : {}),
    declineCode: record.declineCode ?? "",
    createTime: timestampFromDate(record.createdAt),
    updateTime: timestampFromDate(record.updatedAt),
  };
}

/** The status that a caller filters by; undefined when all are wanted. */
export function statusFilterOf(asked: Status): PaymentStatus | undefined {
  return (Object.keys(publicStatus) as PaymentStatus[]).find(
    (status) => publicStatus[status] === asked,
  );
}

const publicStatus = {
  CHARGING: Status.PENDING,
  SUCCEEDED: Status.SUCCEEDED,
  DECLINED: Status.FAILED,
  UNDOING: Status.REFUNDING,
  REFUNDED: Status.REFUNDED,
} as const satisfies Record<PaymentStatus, Status>;
