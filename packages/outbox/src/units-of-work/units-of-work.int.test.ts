import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { AppError, TransientError } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import type { Outbox } from "../outbox.ts";
import { contextOf, createWorld, emitCauses, type World } from "../testing/world.ts";
import type { Statement, UnitOfWork } from "../unit-of-work.ts";
import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";

let world: World;
let outbox: Outbox;

before(async () => {
  world = await createWorld("outbox_work");
  await world.tables.query("create table thing (id int primary key, size bigint check (size > 0))");
  outbox = await world.outbox();
});

after(() => world[Symbol.asyncDispose]());

const insertThing: Statement<{ readonly size: bigint }> = {
  name: "thing-insert",
  text: "insert into thing (id, size) values ($1, $2) returning size",
};
const backendPid: Statement<{ readonly pid: number }> = {
  name: "pid",
  text: "select pg_backend_pid() as pid",
};

test("what a unit of work writes and emits is there after it, together", async () => {
  const rows = await outbox.unitsOfWork.run(async (uow) => {
    emitCauses(uow, "one", "two");
    return await uow.query(insertThing, [1, 9_007_199_254_740_993n]);
  });
  assert.deepEqual(rows, [{ size: 9_007_199_254_740_993n }]);
  assert.equal(await countOf("thing where id = 1"), 1);
  assert.equal(await countOf("outbox where type = 'saga.v1.Cause'"), 1);
});

test("a thrown error undoes everything, and nothing runs after it", async () => {
  const written = await countOf("outbox");
  const failure = new AppError({ code: "NOT_FOUND", message: "no" });
  let isCommitted = false;
  const run = outbox.unitsOfWork.run(async (uow) => {
    uow.afterCommit(() => {
      isCommitted = true;
    });
    emitCauses(uow, "never");
    await uow.query(insertThing, [2, 1]);
    throw failure;
  });
  await assert.rejects(run, (error) => error === failure);
  assert.equal(isCommitted, false);
  assert.equal(await countOf("thing where id = 2"), 0);
  assert.equal(await countOf("outbox"), written);
});

test("actions run after the commit, and one that throws stops no other", async () => {
  const seen: number[] = [];
  const counts = await outbox.unitsOfWork.run(async (uow) => {
    uow.afterCommit(() => {
      throw new Error("an action must not throw, but it may happen");
    });
    uow.afterCommit(() => seen.push(seen.length));
    await uow.query(insertThing, [3, 1]);
    return seen.length;
  });
  assert.equal(counts, 0);
  assert.deepEqual(seen, [0]);
});

test("a unique violation is a conflict, after the work was run again", async () => {
  await outbox.unitsOfWork.run((uow) => uow.query(insertThing, [4, 1]));
  let runs = 0;
  const run = outbox.unitsOfWork.run(async (uow) => {
    runs += 1;
    await uow.query(insertThing, [4, 2]);
  });
  await assert.rejects(run, (error) => error instanceof AppError && error.code === "CONFLICT");
  assert.equal(runs, 6);
});

test("work that lost a race sees what the winner wrote when it runs again", async () => {
  const runs = Array.from({ length: 4 }, () => outbox.unitsOfWork.run(upsert));
  assert.deepEqual((await Promise.all(runs)).toSorted(), ["found", "found", "found", "inserted"]);
});

test("a deadlock is dissolved by running the loser again", async () => {
  await outbox.unitsOfWork.run(async (uow) => {
    await uow.query(insertThing, [6, 1]);
    await uow.query(insertThing, [7, 1]);
  });
  const lock: Statement<never> = {
    name: "thing-grow",
    text: "update thing set size = size + 1 where id = $1",
  };
  const bothHold = barrier(2);
  const inOrder = (ids: readonly [number, number]) => {
    let isFirst = true;
    return outbox.unitsOfWork.run(async (uow) => {
      await uow.query(lock, [ids[0]]);
      if (isFirst) {
        isFirst = false;
        await bothHold();
      }
      await uow.query(lock, [ids[1]]);
    });
  };
  await Promise.all([inOrder([6, 7]), inOrder([7, 6])]);
  assert.equal(await countOf("thing where id in (6, 7) and size = 3"), 2);
});

test("a violated check is a bug, and its cause is kept", async () => {
  const run = outbox.unitsOfWork.run((uow) => uow.query(insertThing, [8, -1]));
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "INTERNAL");
    assert.match(String(error.cause), /violates check constraint/);
    return true;
  });
});

test("a statement that fails without anybody waiting for it fails the work", async () => {
  const run = outbox.unitsOfWork.run(async (uow) => {
    void uow.query(insertThing, [9, -1]);
    emitCauses(uow, "never");
  });
  await assert.rejects(run, (error) => error instanceof AppError && error.code === "INTERNAL");
  assert.equal(await countOf("thing where id = 9"), 0);
});

test("a statement whose failure is swallowed fails the work: COMMIT is answered by ROLLBACK", async () => {
  const run = outbox.unitsOfWork.run(async (uow) => {
    await uow.query(insertThing, [10, 1]);
    await uow.query(insertThing, [11, -1]).catch(() => {});
  });
  await assert.rejects(run, (error) => error instanceof AppError && error.code === "INTERNAL");
  assert.equal(await countOf("thing where id = 10"), 0);
});

test("the statements of a unit of work go out without waiting for each other", async () => {
  await outbox.unitsOfWork.run(async (uow) => {
    const answers = [12, 13, 14].map((id) => uow.query(insertThing, [id, id]));
    const rows = await Promise.all(answers);
    assert.deepEqual(
      rows.map(([row]) => row?.size),
      [12n, 13n, 14n],
    );
  });
});

test("a lost connection is transient, and the pool recovers", async () => {
  const run = outbox.unitsOfWork.run(async (uow) => {
    const [row] = await uow.query(backendPid, []);
    await kill(row?.pid);
    await uow.query(insertThing, [15, 1]);
  });
  await assert.rejects(run, TransientError);
  await outbox.unitsOfWork.run((uow) => uow.query(insertThing, [16, 1]));
  assert.equal(await countOf("thing where id in (15, 16)"), 1);
});

test("idle connections that are lost harm nobody", async () => {
  const pids = await Promise.all(
    [1, 2, 3].map(() =>
      outbox.unitsOfWork.run(async (uow) => (await uow.query(backendPid, []))[0]),
    ),
  );
  for (const row of pids) {
    await kill(row?.pid);
  }
  await waitFor(() => world.database.pool.idleCount === 0, { withinMs: 2000 });
  await outbox.unitsOfWork.run((uow) => uow.query(insertThing, [17, 1]));
});

test("a unit of work that takes too long is ended, and its connection with it", async () => {
  const impatient = await world.outbox({ limits: { workWithinMs: 100 } });
  const run = impatient.unitsOfWork.run(async (uow) => {
    await uow.query({ name: "sleep", text: "select pg_sleep(10)" }, []);
  });
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof TransientError);
    assert.match(error.message, /longer than 100 ms/);
    return true;
  });
  await assert.rejects(
    impatient.unitsOfWork.run(() => new Promise<never>(() => {})),
    TransientError,
  );
  await impatient.unitsOfWork.run((uow) => uow.query(insertThing, [18, 1]));
  const sleepers = "pg_stat_activity where query like '%pg_sleep%' and state = 'active'";
  await waitFor(async () => (await countOf(`${sleepers} and pid <> pg_backend_pid()`)) === 0, {
    withinMs: 5000,
    describe: "the server to notice that the client is gone",
  });
});

test("no more run at once than the pool has connections for, and too many are refused", async () => {
  const small = await world.outbox({ limits: { workWaiting: 2 } });
  const allRun = barrier(4);
  let running = 0;
  let most = 0;
  const work = () =>
    small.unitsOfWork.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await allRun();
      running -= 1;
    });
  const results = await Promise.allSettled(Array.from({ length: 10 }, work));
  const refused = results.filter(({ status }) => status === "rejected");
  assert.equal(most, 4);
  assert.equal(refused.length, 4);
  assert.ok(
    refused.every(
      (result) => result.status === "rejected" && result.reason.code === "RESOURCE_EXHAUSTED",
    ),
  );
});

test("an event too large for an envelope is refused, and nothing is written", async () => {
  const written = await countOf("outbox");
  const run = outbox.unitsOfWork.run(async (uow) => {
    emitCauses(uow, "small");
    const payload = { code: "large", message: "x".repeat(600_000) };
    uow.emit({ type: CauseSchema, payload, context: contextOf() });
  });
  await assert.rejects(
    run,
    (error) => error instanceof AppError && error.code === "INVALID_ARGUMENT",
  );
  assert.equal(await countOf("outbox"), written);
});

test("more events than one envelope holds become more envelopes", async () => {
  const written = await countOf("outbox");
  await outbox.unitsOfWork.run(async (uow) => {
    emitCauses(uow, ...Array.from({ length: 8765 }, (_event, index) => `n${index}`));
  });
  assert.equal(await countOf("outbox"), written + 18);
});

test("a unit of work is of no use after its end", async () => {
  let kept: UnitOfWork | undefined;
  await outbox.unitsOfWork.run(async (uow) => {
    kept = uow;
  });
  const uow = kept ?? assert.fail();
  await assert.rejects(uow.query(insertThing, [19, 1]), AppError);
  assert.throws(() => emitCauses(uow, "late"), AppError);
  assert.equal(await countOf("thing where id = 19"), 0);
});

/** Finds the thing or inserts it. */
async function upsert(uow: UnitOfWork): Promise<string> {
  const found = await uow.query<{ id: number }>(
    { name: "thing-find", text: "select id from thing where id = $1 for update" },
    [5],
  );
  if (found.length > 0) {
    return "found";
  }
  await uow.query(insertThing, [5, 1]);
  return "inserted";
}

async function countOf(from: string): Promise<number> {
  const [row] = await world.tables.query<{ count: number }>(`select count(*)::int from ${from}`);
  return row?.count ?? -1;
}

async function kill(pid: number | undefined): Promise<void> {
  await world.tables.query("select pg_terminate_backend($1)", [pid]);
}

function barrier(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = parties;
  return async () => {
    missing -= 1;
    if (missing === 0) {
      resolve();
    }
    await promise;
  };
}
