import { timeOfUuidv7 } from "@ordersaga/kernel";

import type { OutgoingEnvelope } from "./envelopes-of.ts";

/**
 * The CloudEvents attributes of an envelope as message headers (`ce-id`, `ce-type`, …), with its own
 * headers. Source: CloudEvents 1.0.2, but the body stays protobuf: see the reference page of messages.
 */
export function cloudEventHeaders(
  envelope: OutgoingEnvelope,
  source: string,
): Record<string, string> {
  return {
    "ce-specversion": "1.0",
    "ce-id": envelope.id,
    "ce-type": envelope.type,
    "ce-source": source,
    "ce-time": new Date(timeOfUuidv7(envelope.id) ?? 0).toISOString(),
    ...envelope.headers,
  };
}
