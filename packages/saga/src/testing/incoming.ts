import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import type { EventContext, IncomingEvent } from "@ordersaga/outbox";

import { messages } from "./alphabet.ts";

/** One of the alphabet's messages as a reaction gets it. */
export function incoming(
  name: string,
  context: Partial<EventContext> & Pick<EventContext, "sagaId">,
  init?: MessageInitShape<ReturnType<typeof messages.message>>,
): IncomingEvent {
  const type = messages.message(name);
  const payload: Message = create(type, init);
  return {
    id: `${name}/0`,
    envelopeId: name,
    type,
    payload,
    context: {
      sessionId: "test",
      traceparent: "",
      definitionVersion: 1,
      coordination: Coordination.CHOREOGRAPHY,
      state: new Uint8Array(),
      ...context,
    },
    createTime: new Date(0),
    attempt: 1,
  };
}
