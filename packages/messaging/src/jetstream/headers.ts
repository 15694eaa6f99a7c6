import { type MsgHdrs, MsgHdrsImpl } from "@nats-io/nats-core";

/** Name of the header that carries a message's id; the broker leaves out ids that it knows. */
export const messageIdHeader = "Nats-Msg-Id";

/**
 * Headers as they travel. Values are percent-encoded where they are not printable ASCII, so that none can
 * end its line. Source: CloudEvents NATS protocol binding, section 3.1.3.2.
 */
export function encodeHeaders(id: string, headers: Readonly<Record<string, string>>): MsgHdrs {
  const encoded: Record<string, string[]> = { [messageIdHeader]: [id] };
  for (const [name, value] of Object.entries(headers)) {
    if (!tokenPattern.test(name)) {
      throw new Error(`${JSON.stringify(name)} cannot be the name of a header`);
    }
    encoded[name] = [encodeValue(value)];
  }
  return MsgHdrsImpl.fromRecord(encoded);
}

/** The headers of a message that came, decoded; of a name that is there twice, the first. */
export function decodeHeaders(headers: MsgHdrs | undefined): Readonly<Record<string, string>> {
  const decoded: Record<string, string> = {};
  for (const [name, values] of headers ?? []) {
    decoded[name] = decodeValue(values[0] ?? "");
  }
  return decoded;
}

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const unsafe = /[^!#$&-~]/;
const unsafeParts = /[^!#$&-~]+/g;

function encodeValue(value: string): string {
  return unsafe.test(value)
    ? value.toWellFormed().replace(unsafeParts, (part) => encodeURIComponent(part))
    : value;
}

/** Headers of other publishers need not be encoded: what cannot be decoded stays as it is. */
function decodeValue(value: string): string {
  if (!value.includes("%")) {
    return value;
  }
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
