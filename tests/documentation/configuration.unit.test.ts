import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { configurationPage } from "../../scripts/reference/configuration-page.ts";
import { serviceSettings } from "../../scripts/reference/service-settings.ts";

const root = join(import.meta.dirname, "../..");

describe("the configuration's documents", () => {
  it("docs/reference/configuration.md is what npm run reference writes", () => {
    const page = readFileSync(join(root, "docs/reference/configuration.md"), "utf8");
    assert.equal(page, configurationPage(serviceSettings));
  });

  it(".env.example names only variables that somebody reads", () => {
    const known = new Set(serviceSettings.flatMap(({ settings }) => Object.keys(settings)));
    const compose = readFileSync(join(root, "docker-compose.yml"), "utf8");
    const named = [
      ...readFileSync(join(root, ".env.example"), "utf8").matchAll(/^#?\s?([A-Z_]+)=/gm),
    ].map((match) => match[1] ?? "");
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((name) => !known.has(name) && !compose.includes(`\${${name}`)),
      [],
    );
  });

  it("docker-compose.yml sets only variables that somebody reads", () => {
    const known = new Set(serviceSettings.flatMap(({ settings }) => Object.keys(settings)));
    const compose = readFileSync(join(root, "docker-compose.yml"), "utf8");
    const set = [...compose.matchAll(/^ {2,6}([A-Z][A-Z_]+):/gm)].map((match) => match[1] ?? "");
    assert.ok(set.includes("DATABASE_URL"));
    assert.deepEqual(
      set.filter((name) => !known.has(name) && !/^(?:POSTGRES|SERVICE)_PASSWORD$/.test(name)),
      [],
    );
  });
});
