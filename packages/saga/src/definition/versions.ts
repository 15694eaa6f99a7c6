import { PermanentError } from "@ordersaga/kernel";

import type { SagaDefinition } from "./definition.ts";

/** The versions of a saga's definition that may be running at the same time. */
export type Versions = {
  /** The saga's name. */
  readonly name: string;
  readonly all: readonly SagaDefinition[];
  /** Throws a PermanentError for a version that this program does not know. */
  readonly at: (version: number) => SagaDefinition;
};

/** Gathers the versions of one saga. Throws when two are the same, or belong to different sagas. */
export function versionsOf(definitions: readonly SagaDefinition[]): Versions {
  const byVersion = new Map(definitions.map((definition) => [definition.version, definition]));
  const [name, ...others] = new Set(definitions.map((definition) => definition.name));
  if (name === undefined || others.length > 0 || byVersion.size !== definitions.length) {
    throw new Error(`these are not versions of one saga: ${[name, ...others].join(", ")}`);
  }
  return { name, all: definitions, at };

  function at(version: number): SagaDefinition {
    const definition = byVersion.get(version);
    if (definition === undefined) {
      const message = `saga ${name}: version ${version} is unknown here`;
      throw new PermanentError({ code: "UNKNOWN_TYPE", message });
    }
    return definition;
  }
}
