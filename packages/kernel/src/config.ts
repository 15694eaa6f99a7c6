/** One setting: the environment variable it is read from, its default, its unit and its limits. */
export type Setting<T> = {
  /** One sentence for the reference page. */
  readonly description: string;
  /** As it would be written in the environment; undefined makes the setting required. */
  readonly defaultText: string | undefined;
  readonly unit?: string;
  /** Secrets are printed as `***`. */
  readonly secret?: boolean;
  /** Returns the value, or throws an Error whose message says what is wrong. */
  readonly parse: (text: string) => T;
};

export type Settings = Readonly<Record<string, Setting<unknown>>>;

export type ConfigOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** All mistakes of a configuration at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads a table of settings from an environment. Throws {@link ConfigError} naming every setting that is
 * missing or malformed.
 */
export function readConfig<const S extends Settings>(
  settings: S,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigOf<S> {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const given = environment[name];
    const value = given === undefined || given === "" ? setting.defaultText : given;
    if (value === undefined) {
      mistakes.push(`${name} is required: ${setting.description}`);
      continue;
    }
    try {
      values[name] = setting.parse(value);
    } catch (error) {
      const shown = setting.secret === true ? "***" : JSON.stringify(value);
      mistakes.push(`${name}=${shown}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (mistakes.length > 0) {
    throw new ConfigError(`The configuration has mistakes:\n  ${mistakes.join("\n  ")}`);
  }
  return values as ConfigOf<S>;
}

type Common = {
  readonly description: string;
  readonly default?: string;
  readonly secret?: boolean;
};

export function text(options: Common & { readonly pattern?: RegExp }): Setting<string> {
  return makeSetting(options, (value) => {
    if (options.pattern !== undefined && !options.pattern.test(value)) {
      throw new Error(`does not match ${options.pattern.source}`);
    }
    return value;
  });
}

export function integer(
  options: Common & { readonly min: number; readonly max: number; readonly unit?: string },
): Setting<number> {
  const parsed = makeSetting(options, (value) => {
    const number = Number(value);
    if (!/^-?[0-9]+$/.test(value) || number < options.min || number > options.max) {
      throw new Error(`is not a whole number from ${options.min} to ${options.max}`);
    }
    return number;
  });
  return options.unit === undefined ? parsed : { ...parsed, unit: options.unit };
}

export function fraction(options: Common): Setting<number> {
  return makeSetting(options, (value) => {
    const number = Number(value);
    if (!(number >= 0 && number <= 1)) {
      throw new Error("is not a number from 0 to 1");
    }
    return number;
  });
}

export function choice<const T extends string>(
  options: Common & { readonly of: readonly T[] },
): Setting<T> {
  return makeSetting(options, (value) => {
    const found = options.of.find((candidate) => candidate === value);
    if (found === undefined) {
      throw new Error(`is not one of ${options.of.join(", ")}`);
    }
    return found;
  });
}

export function flag(options: Common): Setting<boolean> {
  return makeSetting(options, (value) => {
    if (value !== "true" && value !== "false") {
      throw new Error("is not true or false");
    }
    return value === "true";
  });
}

export function url(options: Common & { readonly protocols: readonly string[] }): Setting<string> {
  return makeSetting(options, (value) => {
    if (!URL.canParse(value) || !options.protocols.includes(new URL(value).protocol)) {
      throw new Error(`is not a URL of ${options.protocols.join(" or ")}`);
    }
    return value;
  });
}

function makeSetting<T>(options: Common, parse: (value: string) => T): Setting<T> {
  const { description, secret } = options;
  const base = { description, defaultText: options.default, parse };
  return secret === undefined ? base : { ...base, secret };
}
