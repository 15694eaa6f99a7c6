import { colour } from "../terminal/colour.ts";
import { serviceTable } from "../system/service-table.ts";

/** Prints what runs where, and lines that can be pasted into another terminal. */
export function sayHello(facts: {
  /** Base URL of each service, by its name. */
  readonly services: Readonly<Record<string, string>>;
  readonly operatorToken: string;
  readonly sessionId: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly logFolder: string;
}): void {
  const order = `{"user_id":"me","lines":[{"product_id":"mouse","quantity":1}],"payment_method":{"token":"tok_ok"}}`;
  const address = facts.services["order"] ?? "";
  const host = address.replace("http://", "");
  const method = "order.v1.OrderService/CreateOrder";
  const addresses = serviceTable.map(
    ({ name, does }) => `  ${name.padEnd(18)} ${facts.services[name]}   ${colour("grey", does)}`,
  );
  console.log(`
${colour("bold", "ordersaga is ready")}

${addresses.join("\n")}
  ${"PostgreSQL".padEnd(18)} ${facts.databaseUrl}
  ${"NATS JetStream".padEnd(18)} ${facts.natsUrl}
  ${"logs".padEnd(18)} ${facts.logFolder}
  ${"session".padEnd(18)} ${facts.sessionId}
  ${"operator's token".padEnd(18)} ${facts.operatorToken}

${colour("bold", "Try it from another terminal")} (all four speak to the same port)

  grpcurl -plaintext -H 'x-session-id: ${facts.sessionId}' -d '${order}' \\
    ${host} ${method}

  npx buf curl --http2-prior-knowledge --protocol grpc -H 'x-session-id: ${facts.sessionId}' -d '${order}' \\
    ${address}/${method}

  curl -H 'content-type: application/json' -H 'x-session-id: ${facts.sessionId}' -d '${order}' \\
    ${address}/${method}

  npm run demo                      the demonstration orders again
  npm run load -- --orders 10000    many orders, and the books checked afterwards

Ctrl-C stops everything.`);
}
