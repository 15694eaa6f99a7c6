/** Field numbers and tags of saga.v1.Envelope and saga.v1.Event, from `proto/saga/v1/envelope.proto`. */
export const envelopeTags = {
  id: tag(1),
  type: tag(2),
  source: tag(3),
  createTime: tag(4),
  events: tag(5),
} as const;

export const eventTags = {
  id: tag(1),
  sagaId: tag(2),
  sessionId: tag(3),
  traceparent: tag(4),
  definitionVersion: varintTag(5),
  coordination: varintTag(6),
  payload: tag(7),
  state: tag(8),
} as const;

/** Fields of google.protobuf.Timestamp. */
export const timestampTags = { seconds: varintTag(1), nanos: varintTag(2) } as const;

/** Bytes that an unsigned number below 2^53 takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    size += 1;
  }
  return size;
}

function tag(field: number): number {
  return (field << 3) | 2;
}

function varintTag(field: number): number {
  return field << 3;
}
