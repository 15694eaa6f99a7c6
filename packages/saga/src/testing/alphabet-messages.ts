import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescMethodUnary,
} from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { file_saga_v1_saga } from "@ordersaga/gen/saga/v1/saga";

const packageName = "alphabet.v1";

/** Messages of a saga made of any number of steps, described at run time: `A`, `B`, `C` … */
export type AlphabetMessages = {
  readonly message: (name: string) => DescMessage;
  readonly command: (name: string) => DescMethodUnary;
};

/** Describes, for every letter, a command with its outcomes done, refused and waiting, and an undo. */
export function describeAlphabet(letters: readonly string[]): AlphabetMessages {
  const file = create(FileDescriptorProtoSchema, {
    name: "alphabet.proto",
    package: packageName,
    syntax: "proto3",
    dependency: ["saga/v1/saga.proto"],
    messageType: [
      message("State", ["text", ...letters.map((letter) => letter.toLowerCase())]),
      message("Begun", ["text"]),
      message("Confirmed", ["text"]),
      message("Aborted", ["text", "cause"]),
      ...letters.flatMap(messagesOf),
    ],
    service: [
      create(ServiceDescriptorProtoSchema, {
        name: "Alphabet",
        method: letters.flatMap((letter) => [method(`Do${letter}`), method(`Undo${letter}`)]),
      }),
    ],
  });
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [file_saga_v1_saga.proto, file] }),
  );
  return {
    message: (name) => {
      const found = registry.getMessage(`${packageName}.${name}`);
      if (found === undefined) {
        throw new Error(`no message ${name}`);
      }
      return found;
    },
    command: (name) => {
      const methods = registry.getService(`${packageName}.Alphabet`)?.methods ?? [];
      const found = methods.find((each) => each.name === name);
      if (found === undefined) {
        throw new Error(`no command ${name}`);
      }
      return { ...found, methodKind: "unary" };
    },
  };
}

function messagesOf(letter: string): DescriptorProto[] {
  return [
    message(`Do${letter}Request`, ["text"]),
    outcomes(`Do${letter}Response`, { done: `${letter}Done`, refused: `${letter}Refused` }, letter),
    message(`${letter}Done`, ["text"]),
    message(`${letter}Refused`, ["text"]),
    message(`${letter}Waiting`, []),
    message(`Undo${letter}Request`, ["cause"]),
    outcomes(`Undo${letter}Response`, { undone: `${letter}Undone` }),
    message(`${letter}Undone`, ["cause"]),
  ];
}

function message(name: string, fields: readonly string[]): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name,
    field: fields.map((field, index) =>
      field === "cause" ? reference(field, index + 1, ".saga.v1.Cause") : text(field, index + 1),
    ),
  });
}

function outcomes(
  name: string,
  cases: Readonly<Record<string, string>>,
  waitingLetter?: string,
): DescriptorProto {
  const all = {
    ...cases,
    ...(waitingLetter === undefined ? {} : { waiting: `${waitingLetter}Waiting` }),
  };
  return create(DescriptorProtoSchema, {
    name,
    oneofDecl: [{ name: "outcome" }],
    field: Object.entries(all).map(([outcome, type], index) => ({
      ...reference(outcome, index + 1, `.${packageName}.${type}`),
      oneofIndex: 0,
    })),
  });
}

function text(name: string, number: number) {
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    label: FieldDescriptorProto_Label.OPTIONAL,
    type: FieldDescriptorProto_Type.STRING,
  });
}

function reference(name: string, number: number, typeName: string) {
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    label: FieldDescriptorProto_Label.OPTIONAL,
    type: FieldDescriptorProto_Type.MESSAGE,
    typeName,
  });
}

function method(name: string) {
  return create(MethodDescriptorProtoSchema, {
    name,
    inputType: `.${packageName}.${name}Request`,
    outputType: `.${packageName}.${name}Response`,
  });
}
