import assert from "node:assert/strict";
import { test } from "node:test";

import { describePostgresFailure } from "./postgres-failure.ts";

const failures = [
  [
    'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
    /^Port 5544 is taken by another program: stop it/,
  ],
  [
    'FATAL:  could not write lock file "postmaster.pid": No space left on device',
    /^The disk that holds \/data is full: free some space/,
  ],
  [
    "DETAIL:  The data directory was initialized by PostgreSQL version 15",
    /another version of PostgreSQL: npm run reset/,
  ],
  [
    "postgres: error while loading shared libraries: libicuuc.so.60: cannot open",
    /miss a library of the system; install it, or set DATABASE_URL/,
  ],
  [
    'FATAL:  could not open file "/data/PG_VERSION": Permission denied',
    /belongs to another user: start as that user/,
  ],
  ["LOG:  something new", /^PostgreSQL did not start on \/data\./],
] as const;

for (const [log, sentence] of failures) {
  test(`"${log}" is told in a sentence, with PostgreSQL's own words`, () => {
    const description = describePostgresFailure({ log, port: 5544, dataDir: "/data" });
    assert.match(description, sentence);
    assert.ok(description.endsWith(`PostgreSQL wrote:\n  ${log}`));
  });
}
