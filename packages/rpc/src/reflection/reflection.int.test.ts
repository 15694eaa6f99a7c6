import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "@ordersaga/gen/grpc/reflection/v1/reflection";
import { ServerReflection as ServerReflectionAlpha } from "@ordersaga/gen/grpc/reflection/v1alpha/reflection";

import { OrderSchema } from "@ordersaga/gen/order/v1/order";

import { startedServer } from "../testing/started-server.ts";

type Question = Pick<ServerReflectionRequest["messageRequest"], "case"> & {
  readonly value?: unknown;
};

describe("Reflection", () => {
  test("lists the services, itself included, in both versions and by Connect", async () => {
    await using server = await startedServer();
    for (const [service, transport] of [
      [ServerReflection, createGrpcTransport({ baseUrl: server.url })],
      [ServerReflectionAlpha, createGrpcTransport({ baseUrl: server.url })],
      [ServerReflection, createConnectTransport({ baseUrl: server.url, httpVersion: "2" })],
    ] as const) {
      const messageRequest = { case: "listServices", value: "" } as const;
      const client = createClient(service as typeof ServerReflection, transport);
      const [answer] = await Array.fromAsync(client.serverReflectionInfo(only({ messageRequest })));
      assert.equal(answer?.messageResponse.case, "listServicesResponse");
      assert.deepEqual(
        answer.messageResponse.value.service.map(({ name }) => name),
        [
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection",
          "inventory.v1.InventoryService",
        ],
      );
    }
  });

  for (const [name, transportOf] of [
    ["gRPC", (baseUrl: string) => createGrpcTransport({ baseUrl })],
    ["Connect", (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" })],
  ] as const) {
    test(`ends with INVALID_ARGUMENT at a question over ${name} that is none`, async () => {
      await using server = await startedServer();
      // Field 5 of this message is text, of a question it is a message.
      const { method } = ServerReflection;
      const transport = transportOf(server.url);
      const wrong = { ...method.serverReflectionInfo, input: OrderSchema };
      const call = transport.stream(
        wrong,
        undefined,
        undefined,
        undefined,
        only({ reason: "abc" }),
      );
      await assert.rejects(
        async () => Array.fromAsync((await call).message),
        (reason) => ConnectError.from(reason).code === Code.InvalidArgument,
      );
    });
  }

  for (const symbol of [
    "inventory.v1.InventoryService",
    "inventory.v1.InventoryService.GetProduct",
    "inventory.v1.Product",
    "inventory.v1.Product.unit_price",
    "inventory.v1.StockAnswer.answer",
    "inventory.v1.ReservationStatus",
    "inventory.v1.RESERVATION_STATUS_PENDING",
    ".inventory.v1.Product",
  ]) {
    test(`finds the file of ${symbol} and all that it imports`, async () => {
      const names = await filesOf({ case: "fileContainingSymbol", value: symbol });
      assert.equal(names[0], "inventory/v1/inventory_service.proto");
      assert.deepEqual(names.slice(1).toSorted(), [
        "buf/validate/validate.proto",
        "google/protobuf/descriptor.proto",
        "google/protobuf/duration.proto",
        "google/protobuf/field_mask.proto",
        "google/protobuf/timestamp.proto",
        "money/v1/money.proto",
      ]);
    });
  }

  test("finds a file by its name", async () => {
    const names = await filesOf({ case: "fileByFilename", value: "money/v1/money.proto" });
    assert.equal(names[0], "money/v1/money.proto");
  });

  test("finds what the details of errors are made of", async () => {
    const names = await filesOf({ case: "fileContainingSymbol", value: "google.rpc.BadRequest" });
    assert.equal(names[0], "google/rpc/error_details.proto");
  });

  test("knows the extensions that its files use", async () => {
    const containingType = "google.protobuf.FieldOptions";
    const numbers = await answerTo({ case: "allExtensionNumbersOfType", value: containingType });
    assert.equal(numbers?.case, "allExtensionNumbersResponse");
    assert.deepEqual(numbers.value.extensionNumber, [1159, 1160]);
    const value = { containingType, extensionNumber: 1159 };
    const names = await filesOf({ case: "fileContainingExtension", value });
    assert.equal(names[0], "buf/validate/validate.proto");
  });

  for (const question of [
    { case: "fileByFilename", value: "a.proto" },
    { case: "fileContainingSymbol", value: "a.v1.B" },
    { case: "fileContainingSymbol", value: "" },
    { case: "allExtensionNumbersOfType", value: "a.v1.B" },
    { case: "fileContainingExtension", value: { containingType: "a.v1.B", extensionNumber: 1 } },
  ] as const) {
    test(`answers NOT_FOUND to ${JSON.stringify(question)}`, async () => {
      const answer = await answerTo(question);
      assert.equal(answer?.case, "errorResponse");
      assert.equal(answer.value.errorCode, 5);
    });
  }
});

async function filesOf(question: Question): Promise<readonly string[]> {
  const answer = await answerTo(question);
  assert.equal(answer?.case, "fileDescriptorResponse");
  return answer.value.fileDescriptorProto.map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

async function answerTo(question: Question) {
  await using server = await startedServer();
  const transport = createGrpcTransport({ baseUrl: server.url });
  const client = createClient(ServerReflection, transport);
  const messageRequest = question as ServerReflectionRequest["messageRequest"];
  const [answer] = await Array.fromAsync(client.serverReflectionInfo(only({ messageRequest })));
  return answer?.messageResponse;
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}
