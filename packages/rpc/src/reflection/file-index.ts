import { type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Finds the files of schemas by what they declare. */
export type FileIndex = {
  readonly byName: (name: string) => DescFile | undefined;
  /** By full name of a service, method, message, field, oneof, enum, enum value or extension. */
  readonly bySymbol: (name: string) => DescFile | undefined;
  readonly byExtension: (typeName: string, number: number) => DescFile | undefined;
  /** Undefined when no file declares the message. */
  readonly extensionNumbers: (typeName: string) => readonly number[] | undefined;
};

/** Indexes files together with all that they import. */
export function createFileIndex(roots: readonly DescFile[]): FileIndex {
  const files = new Map<string, DescFile>();
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const messages = new Set<string>();
  const add = (file: DescFile): void => {
    if (files.has(file.proto.name)) {
      return;
    }
    files.set(file.proto.name, file);
    for (const type of nestedTypes(file)) {
      symbols.set(type.typeName, file);
      switch (type.kind) {
        case "message":
          messages.add(type.typeName);
          for (const name of namesInMessage(type)) {
            symbols.set(name, file);
          }
          break;
        case "enum":
          // Values are named as siblings of their enum.
          for (const { name } of type.values) {
            symbols.set(type.typeName.replace(/[^.]*$/, name), file);
          }
          break;
        case "service":
          for (const { name } of type.methods) {
            symbols.set(`${type.typeName}.${name}`, file);
          }
          break;
        case "extension": {
          const numbers = extensions.get(type.extendee.typeName) ?? new Map<number, DescFile>();
          extensions.set(type.extendee.typeName, numbers.set(type.number, file));
          break;
        }
      }
    }
    file.dependencies.forEach(add);
  };
  roots.forEach(add);
  return {
    byName: (name) => files.get(name),
    bySymbol: (name) => symbols.get(name),
    byExtension: (typeName, number) => extensions.get(typeName)?.get(number),
    extensionNumbers: (typeName) =>
      messages.has(typeName) ? [...(extensions.get(typeName)?.keys() ?? [])] : undefined,
  };
}

/** Serializes a file and all that it imports, the file first. */
export function withImports(file: DescFile): readonly Uint8Array[] {
  const gathered = new Set<DescFile>();
  const gather = (next: DescFile): void => {
    if (!gathered.has(next)) {
      gathered.add(next);
      next.dependencies.forEach(gather);
    }
  };
  gather(file);
  return [...gathered].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}

function namesInMessage(type: DescMessage): readonly string[] {
  return [...type.fields, ...type.oneofs].map(({ name }) => `${type.typeName}.${name}`);
}
