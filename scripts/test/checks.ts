import { checkBreaking } from "./check-breaking.ts";
import { checkGenerated } from "./check-generated.ts";
import { type CheckContext, runTool } from "./run-tool.ts";
import type { Tally } from "./tally.ts";

/** Looks at the sources. */
export type Check = {
  readonly name: string;
  /** Resolves with what is wrong, for people; with undefined when nothing is. */
  readonly run: (context: CheckContext) => Promise<string | undefined>;
};

/** Everything that is checked before the tests run. */
export const checks: readonly Check[] = [
  { name: "format", run: async (context) => await runTool("oxfmt --check .", context) },
  { name: "lint", run: async (context) => await runTool("oxlint --type-aware", context) },
  { name: "types", run: async (context) => await runTool("tsc", context) },
  {
    name: "contracts",
    run: async (context) =>
      (await runTool("node scripts/proto-deps/main.ts", context)) ??
      (await runTool("buf lint", context)),
  },
  { name: "compatible contracts", run: async (context) => await checkBreaking(context) },
  {
    name: "compose file",
    run: async (context) =>
      await runTool("dclint --config .dclintrc.yaml docker-compose.yml", context),
  },
  { name: "generated code", run: async (context) => await checkGenerated(context) },
];

/** Runs one check, and prints a line about it; of one that failed, all that the tool wrote. */
export async function runCheck(check: Check, context: CheckContext): Promise<Tally> {
  const startedAt = performance.now();
  const wrong = await check.run(context);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  if (wrong !== undefined) {
    console.log(wrong);
  }
  console.log(`${seconds} s ${wrong === undefined ? "ok" : "FAILED"}  ${check.name}`);
  return { passed: 0, skipped: 0, failures: wrong === undefined ? [] : [`check of ${check.name}`] };
}
