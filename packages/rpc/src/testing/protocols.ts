import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";

/** Every way in which a server can be called, each as a transport of connect-node. */
export const protocols: readonly {
  readonly name: string;
  readonly connect: (baseUrl: string) => Transport;
}[] = [
  { name: "gRPC", connect: (baseUrl) => createGrpcTransport({ baseUrl }) },
  {
    name: "gRPC with JSON",
    connect: (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
  },
  ...(["1.1", "2"] as const).flatMap((httpVersion) => [
    {
      name: `gRPC-Web over HTTP/${httpVersion}`,
      connect: (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion }),
    },
    {
      name: `Connect over HTTP/${httpVersion}`,
      connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion }),
    },
    {
      name: `Connect with JSON over HTTP/${httpVersion}`,
      connect: (baseUrl: string) =>
        createConnectTransport({ baseUrl, httpVersion, useBinaryFormat: false }),
    },
  ]),
];
