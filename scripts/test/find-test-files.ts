import { globSync } from "node:fs";

/**
 * All test files of the checkout, as paths relative to it in a fixed order: unit tests first. With
 * filters, only those whose path contains one of them.
 */
export function findTestFiles(checkout: string, filters: readonly string[]): readonly string[] {
  const folders = "{gen,packages,sagas,services,scripts,tests}";
  return ["unit", "int", "e2e"].flatMap((tier) =>
    globSync(`${folders}/**/*.${tier}.test.ts`, {
      cwd: checkout,
      exclude: (path) => path.endsWith("node_modules"),
    })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => filters.length === 0 || filters.some((text) => path.includes(text)))
      .toSorted(),
  );
}
