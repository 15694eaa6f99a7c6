export { connectJetStream, type JetStreamOptions } from "./jetstream/bus.ts";
export { createMemoryBus, type MemoryBus, type MemoryBusOptions } from "./memory/bus.ts";
export type {
  ConsumerSpec,
  Delivery,
  MessageBus,
  OutgoingMessage,
  PublishAck,
  StreamIdentity,
  StreamSpec,
  Subscription,
} from "./message-bus.ts";
