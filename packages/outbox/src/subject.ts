import type { DescMessage } from "@bufbuild/protobuf";

/**
 * The subject on which messages of a type travel: the proto package, then the type's name in kebab case,
 * a command without its `Request`. `order.event.v1.OrderCreated` becomes `order.event.v1.order-created`.
 */
export function subjectOf(type: DescMessage): string {
  const known = subjects.get(type);
  if (known !== undefined) {
    return known;
  }
  const name = type.name.replace(/Request$/, "");
  const kebab = name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
  const subject = `${type.file.proto.package}.${kebab}`;
  subjects.set(type, subject);
  return subject;
}

const subjects = new WeakMap<DescMessage, string>();

/** The stream that keeps a subject: its owner in capitals. `order.event.v1.order-created`: `ORDER`. */
export function streamOf(subject: string): string {
  return subject.slice(0, subject.indexOf(".")).toUpperCase();
}

/** Every subject of a stream: `ORDER` keeps `order.>`. */
export function subjectsOfStream(stream: string): string {
  return `${stream.toLowerCase()}.>`;
}

/** Name of the durable consumer of one service for one subject, such as `inventory-order-created`. */
export function durableOf(service: string, subject: string): string {
  return `${service}-${subject.slice(subject.lastIndexOf(".") + 1)}`;
}

/** Where a copy of a dead letter goes: `dlq.inventory.order.event.v1.order-created`. */
export function deadLetterSubjectOf(service: string, subject: string): string {
  return `dlq.${service}.${subject}`;
}
