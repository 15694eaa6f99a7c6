import {
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVICE_NAME,
} from "@opentelemetry/semantic-conventions";

/**
 * Every name that spans and metrics use, in one place. Those of the semantic conventions come first; ours
 * start with `saga.`.
 */
export const attributes = {
  serviceName: ATTR_SERVICE_NAME,
  errorType: ATTR_ERROR_TYPE,
  dbSystem: ATTR_DB_SYSTEM_NAME,
  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  rpcStatus: "rpc.response.status_code",
  messagingSystem: "messaging.system",
  messagingOperation: "messaging.operation.name",
  messagingOperationType: "messaging.operation.type",
  messagingDestination: "messaging.destination.name",
  messagingConsumer: "messaging.consumer.group.name",
  messagingMessageId: "messaging.message.id",
  messagingBatchSize: "messaging.batch.message_count",
  sagaId: "saga.id",
  sagaDefinition: "saga.definition",
  sagaDefinitionVersion: "saga.definition.version",
  sagaCoordination: "saga.coordination",
  sagaStatus: "saga.status",
  sagaStep: "saga.step",
  sagaOutcome: "saga.outcome",
  sagaReason: "saga.reason",
  sagaAttempt: "saga.attempt",
  sagaEvents: "saga.events",
  sagaRetries: "saga.retries",
  sessionId: "saga.session.id",
} as const;
