import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import { StatusSchema } from "@ordersaga/gen/google/rpc/status";

import type { RpcStatus } from "../call/status.ts";

/** A status in the form that grpc-js's callbacks and `error` events take. */
export type GrpcStatus = {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
};

/** Trailer with a whole `google.rpc.Status`. */
export const statusDetailsKey = "grpc-status-details-bin";

/** Puts a status into grpc-js's form, with the trailer that carries its details. */
export function grpcStatus(status: RpcStatus): GrpcStatus {
  const { code, message, details } = status;
  const packed = create(StatusSchema, {
    code,
    message,
    details: details.map(({ desc, value }) => anyPack(desc, value)),
  });
  const metadata = new Metadata();
  metadata.set(statusDetailsKey, Buffer.from(toBinary(StatusSchema, packed)));
  return { code, details: message, metadata };
}
