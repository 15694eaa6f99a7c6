import type {
  DescEnum,
  DescExtension,
  DescField,
  DescFile,
  DescMessage,
  DescOneof,
} from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { Edition, FieldDescriptorProto_Label } from "@bufbuild/protobuf/wkt";

/**
 * Prints a proto2 or proto3 file descriptor as `.proto` source: packages, imports, messages, enums,
 * oneofs and extensions, which is all the compiler needs to resolve names and options. Comments,
 * services and options of the file itself are left out.
 */
export function printProto(file: DescFile): string {
  const body = [
    ...file.enums.map((desc) => printEnum(desc, "")),
    ...file.messages.map((desc) => printMessage(desc, "")),
    ...file.extensions.map((desc) => printExtension(desc, isProto2(file))),
  ];
  return [
    `syntax = "${isProto2(file) ? "proto2" : "proto3"}";`,
    `package ${file.proto.package};`,
    ...file.dependencies.map((dependency) => `import "${dependency.name}.proto";`),
    ...body,
  ].join("\n\n");
}

function isProto2(file: DescFile): boolean {
  return file.edition === Edition.EDITION_PROTO2;
}

function printMessage(desc: DescMessage, indent: string): string {
  const inner = `${indent}  `;
  const proto2 = isProto2(desc.file);
  const lines = [
    ...desc.nestedEnums.map((nested) => printEnum(nested, inner)),
    ...desc.nestedMessages
      .filter((nested) => nested.proto.options?.mapEntry !== true)
      .map((nested) => printMessage(nested, inner)),
    ...desc.members.map((member) =>
      member.kind === "oneof"
        ? printOneof(member, inner)
        : inner + printField({ field: member, labelled: proto2 }),
    ),
    ...desc.proto.extensionRange.map(
      ({ start, end }) => `${inner}extensions ${start} to ${end >= 536870911 ? "max" : end - 1};`,
    ),
  ];
  return `${indent}message ${desc.name} {\n${lines.join("\n")}\n${indent}}`;
}

function printOneof(oneof: DescOneof, indent: string): string {
  const fields = oneof.fields.map(
    (field) => `${indent}  ${printField({ field, labelled: false })}`,
  );
  return `${indent}oneof ${oneof.name} {\n${fields.join("\n")}\n${indent}}`;
}

function printField(options: { field: DescField | DescExtension; labelled: boolean }): string {
  const { field, labelled } = options;
  if (field.fieldKind === "map") {
    const value = typeName(field.scalar, field.message ?? field.enum);
    return `map<${ScalarType[field.mapKey].toLowerCase()}, ${value}> ${field.name} = ${field.number};`;
  }
  return `${label(field, labelled)}${fieldType(field)} ${field.name} = ${field.number};`;
}

function label(field: DescField | DescExtension, labelled: boolean): string {
  if (field.fieldKind === "list") {
    return "repeated ";
  }
  if (field.proto.label === FieldDescriptorProto_Label.REQUIRED) {
    return "required ";
  }
  return labelled || field.proto.proto3Optional ? "optional " : "";
}

function fieldType(field: Exclude<DescField | DescExtension, { fieldKind: "map" }>): string {
  return typeName(field.scalar, field.message ?? field.enum);
}

function typeName(
  scalar: ScalarType | undefined,
  desc: DescMessage | DescEnum | undefined,
): string {
  return desc === undefined
    ? (ScalarType[scalar ?? ScalarType.STRING] ?? "").toLowerCase()
    : `.${desc.typeName}`;
}

function printEnum(desc: DescEnum, indent: string): string {
  const values = desc.values.map(({ name, number }) => `${indent}  ${name} = ${number};`);
  return `${indent}enum ${desc.name} {\n${values.join("\n")}\n${indent}}`;
}

function printExtension(extension: DescExtension, labelled: boolean): string {
  return `extend .${extension.extendee.typeName} {\n  ${printField({ field: extension, labelled })}\n}`;
}
