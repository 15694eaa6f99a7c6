import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { PermanentError } from "@ordersaga/kernel";

/** Decodes bytes of a caller. Throws UNDECODABLE, which callers see as INVALID_ARGUMENT. */
export function decode<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    const message = `the bytes are not a ${schema.typeName}`;
    throw new PermanentError({ code: "UNDECODABLE", message, cause });
  }
}

/** Encodes a message, or what one is made from. */
export function encode<D extends DescMessage>(schema: D, message: MessageInitShape<D>): Buffer {
  const bytes = toBinary(schema, create(schema, message));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** For grpc-js, whose (de)serializers would answer what cannot be read with INTERNAL. */
export function passThrough(bytes: Buffer): Buffer {
  return bytes;
}
