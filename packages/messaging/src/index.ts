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
