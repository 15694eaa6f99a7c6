import type { DescFile } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { file_google_rpc_error_details } from "@ordersaga/gen/google/rpc/error_details";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "@ordersaga/gen/grpc/reflection/v1/reflection";
import { ServerReflection as ServerReflectionAlpha } from "@ordersaga/gen/grpc/reflection/v1alpha/reflection";

import type { ServedService } from "../handler.ts";
import { serve } from "../serve.ts";
import { createFileIndex, type FileIndex, withImports } from "./file-index.ts";

/**
 * `grpc.reflection.v1` and `v1alpha` over the descriptors of generated code: clients such as grpcurl
 * learn from them what a server offers, and how to encode it. They describe themselves too.
 */
export function createReflection(services: readonly ServedService[]): readonly ServedService[] {
  const described = [
    ...services.map(({ service }) => service),
    ServerReflection,
    ServerReflectionAlpha,
  ];
  const names = described.map(({ typeName }) => typeName).toSorted();
  // Clients look the details of errors up, to print them.
  const files = [...described.map(({ file }) => file), file_google_rpc_error_details];
  const index = createFileIndex(files);
  return [
    serve(
      ServerReflection,
      {
        async *serverReflectionInfo(requests) {
          for await (const request of requests) {
            const messageResponse = respond({ request, names, index });
            yield { validHost: request.host, originalRequest: request, messageResponse };
          }
        },
      },
      { needsSession: false },
    ),
    serve(
      ServerReflectionAlpha,
      {
        async *serverReflectionInfo(requests) {
          for await (const request of requests) {
            const messageResponse = respond({ request, names, index });
            yield { validHost: request.host, originalRequest: request, messageResponse };
          }
        },
      },
      { needsSession: false },
    ),
  ];
}

/** Both versions answer alike. */
type Answer =
  | {
      readonly case: "fileDescriptorResponse";
      readonly value: { fileDescriptorProto: Uint8Array[] };
    }
  | {
      readonly case: "allExtensionNumbersResponse";
      readonly value: { baseTypeName: string; extensionNumber: number[] };
    }
  | { readonly case: "listServicesResponse"; readonly value: { service: { name: string }[] } }
  | {
      readonly case: "errorResponse";
      readonly value: { errorCode: number; errorMessage: string };
    };

function respond(options: {
  readonly request: { readonly messageRequest: AskedFor };
  readonly names: readonly string[];
  readonly index: FileIndex;
}): Answer {
  const { names, index } = options;
  const { messageRequest: asked } = options.request;
  switch (asked.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: names.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return describing(index.byName(asked.value), asked.value);
    case "fileContainingSymbol":
      return describing(index.bySymbol(asked.value.replace(/^\./, "")), asked.value);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = asked.value;
      const file = index.byExtension(containingType, extensionNumber);
      return describing(file, `extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = index.extensionNumbers(asked.value);
      return extensionNumber === undefined
        ? failed(status.NOT_FOUND, `${asked.value} is not known here`)
        : {
            case: "allExtensionNumbersResponse",
            value: { baseTypeName: asked.value, extensionNumber: [...extensionNumber] },
          };
    }
    default:
      return failed(status.INVALID_ARGUMENT, "message_request is not set");
  }
}

/** Both versions ask alike. */
type AskedFor =
  | Exclude<ServerReflectionRequest["messageRequest"], { case: "fileContainingExtension" }>
  | {
      readonly case: "fileContainingExtension";
      readonly value: { readonly containingType: string; readonly extensionNumber: number };
    };

function describing(file: DescFile | undefined, wanted: string): Answer {
  return file === undefined
    ? failed(status.NOT_FOUND, `${wanted} is not known here`)
    : {
        case: "fileDescriptorResponse",
        value: { fileDescriptorProto: [...withImports(file)] },
      };
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
