import type { DescMessage, Message } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { AppError, invalidArgument } from "@ordersaga/kernel";

/**
 * Checks a message against the rules of its schema. Throws INVALID_ARGUMENT with the path of each wrong
 * field as the proto file spells it, such as `lines[0].quantity`.
 */
export function validate(schema: DescMessage, message: Message): void {
  const result = validator.validate(schema, message);
  if (result.kind === "invalid") {
    const violations = result.violations.slice(0, maxViolations);
    throw invalidArgument(
      ...violations.map((violation) => ({
        field: pathToString(violation.field),
        description: violation.message === "" ? violation.ruleId : violation.message,
      })),
    );
  }
  if (result.kind === "error") {
    throw new AppError({
      code: "INTERNAL",
      message: `the rules of ${schema.typeName} cannot be checked`,
      cause: result.error,
    });
  }
}

/** More would not fit into the headers that carry them. */
const maxViolations = 16;

const compiled = new Map<string, RegExp>();

// The patterns are ours, so the platform's engine may run them; RE2 in TypeScript is many times slower.
const validator = createValidator({
  regexMatch: (pattern, against) => {
    let regexp = compiled.get(pattern);
    if (regexp === undefined) {
      regexp = new RegExp(pattern, "u");
      compiled.set(pattern, regexp);
    }
    return regexp.test(against);
  },
});
