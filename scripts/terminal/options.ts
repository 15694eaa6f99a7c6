import { parseArgs } from "node:util";

/** One whole-number or text option of a script: `--name value`. */
export type OptionSpec = {
  readonly default: string;
  readonly description: string;
};

/**
 * Reads a script's options. `--help` prints them and ends the process; an unknown option or a bad
 * value ends it with a sentence and exit code 2.
 */
export function readOptions<const T extends Readonly<Record<string, OptionSpec>>>(
  usage: string,
  specs: T,
): { readonly [K in keyof T]: string } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { type: "string" as const, default: spec.default },
    ]),
  );
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: "boolean" } } });
    if (values["help"] === true) {
      console.log(`${usage}\n\n${describe(specs)}`);
      process.exit(0);
    }
    return values as { readonly [K in keyof T]: string };
  } catch (error) {
    return fail(
      `${error instanceof Error ? error.message : String(error)}\n\n${usage}\n${describe(specs)}`,
    );
  }
}

/** Reads a whole number from a text, or ends the process with a sentence. */
export function wholeNumber(
  name: string,
  given: { readonly text: string; readonly min: number; readonly max: number },
): number {
  const number = Number(given.text);
  if (!/^[0-9]+$/.test(given.text) || number < given.min || number > given.max) {
    fail(`--${name} takes a whole number from ${given.min} to ${given.max}, not "${given.text}"`);
  }
  return number;
}

/** Prints a sentence and ends the process with exit code 2: the call was wrong. */
export function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function describe(specs: Readonly<Record<string, OptionSpec>>): string {
  return Object.entries(specs)
    .map(
      ([name, spec]) =>
        `  --${name.padEnd(14)} ${spec.description} (default ${spec.default || "none"})`,
    )
    .join("\n");
}
