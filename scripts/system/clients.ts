import type { DescService } from "@bufbuild/protobuf";
import { InventoryService } from "@ordersaga/gen/inventory/v1/inventory_service";
import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";

import { fail } from "../terminal/options.ts";
import { findRunningSystem, type RunningSystem } from "./running-system.ts";

/** A client for every service of a running system, and the operator's bearer token. */
export type SystemClients = Disposable & {
  readonly order: RpcClient<typeof OrderService>;
  readonly inventory: RpcClient<typeof InventoryService>;
  readonly payment: RpcClient<typeof PaymentService>;
  readonly provider: RpcClient<typeof PaymentProviderService>;
  readonly operatorHeaders: Readonly<Record<string, string>>;
};

/** Connects to the system that `npm start` keeps running; ends the process when there is none. */
export function connectToRunningSystem(): SystemClients {
  const system = findRunningSystem();
  return system === undefined
    ? fail("Nothing is running from this checkout. Start it with: npm start")
    : connectTo(system);
}

/** Connects to every service. Idempotent calls are repeated for about a minute while a service is away. */
export function connectTo(
  system: Pick<RunningSystem, "services" | "operatorToken">,
): SystemClients {
  const connect = <S extends DescService>(name: string, service: S): RpcClient<S> =>
    createRpcClient(service, {
      baseUrl: system.services[name] ?? fail(`The running system has no ${name} service`),
      timeoutMs: 30_000,
      retry: { attempts: 60, firstMs: 50, factor: 2, maxMs: 1000, jitter: 0.2 },
    });
  const order = connect("order", OrderService);
  const inventory = connect("inventory", InventoryService);
  const payment = connect("payment", PaymentService);
  const provider = connect("payment-provider", PaymentProviderService);
  return {
    order,
    inventory,
    payment,
    provider,
    operatorHeaders: { authorization: `Bearer ${system.operatorToken}` },
    [Symbol.dispose]() {
      for (const client of [order, inventory, payment, provider]) {
        client[Symbol.dispose]();
      }
    },
  };
}
