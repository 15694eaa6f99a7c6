import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { AppError, failpoint } from "@ordersaga/kernel";
import type { PoolClient } from "pg";

import { databaseErrorFrom } from "../database/database-error.ts";
import { runCommand, runStatement } from "../database/run-statement.ts";
import type { EncodedEvent } from "../envelope/encode-envelope.ts";
import {
  checkEventSize,
  type EnvelopeLimits,
  envelopesOf,
  type OutgoingEnvelope,
} from "../envelope/envelopes-of.ts";
import type { OutgoingEvent, Statement, UnitOfWork } from "../unit-of-work.ts";
import { insertOutbox } from "./insert-outbox.ts";

export type UnitOfWorkOptions = {
  readonly client: PoolClient;
  readonly source: string;
  readonly limits: EnvelopeLimits;
  readonly newId: () => string;
};

/** One transaction on one connection. It lives from `begin` to `commit` or `rollback`. */
export class PostgresUnitOfWork implements UnitOfWork {
  readonly #options: UnitOfWorkOptions;
  readonly #events = new Map<DescMessage, EncodedEvent[]>();
  readonly #envelopes: OutgoingEnvelope[] = [];
  readonly #actions: (() => void)[] = [];
  #failure: AppError | undefined;
  #isOver = false;

  constructor(options: UnitOfWorkOptions) {
    this.#options = options;
  }

  /** The first statement that failed, whether anybody waited for it or not. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  get actions(): readonly (() => void)[] {
    return this.#actions;
  }

  /** Not awaited: BEGIN travels together with the first statement. */
  begin(): void {
    void this.#watch(runCommand(this.#options.client, "begin"));
  }

  readonly query = <Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> => {
    if (this.#isOver) {
      return Promise.reject(bug("a unit of work was used after its end"));
    }
    return this.#watch(runStatement(this.#options.client, statement, values));
  };

  readonly emit = <M extends DescMessage>(event: OutgoingEvent<M>): void => {
    if (this.#isOver) {
      throw bug("an event was emitted after the end of its unit of work");
    }
    const { type, context } = event;
    const encoded = { payload: toBinary(type, create(type, event.payload)), context };
    checkEventSize(encoded, this.#options.limits);
    const known = this.#events.get(type);
    if (known === undefined) {
      this.#events.set(type, [encoded]);
    } else {
      known.push(encoded);
    }
  };

  readonly afterCommit = (action: () => void): void => {
    this.#actions.push(action);
  };

  /** Emits an envelope that is encoded already. */
  emitEnvelope(envelope: OutgoingEnvelope): void {
    this.#envelopes.push(envelope);
  }

  /**
   * Runs a part of the work so that its failure undoes that part alone: its statements, its events and
   * its actions. The failure is thrown again. Parts do not nest and do not overlap.
   */
  async part(work: () => Promise<void>): Promise<void> {
    const { client } = this.#options;
    const undo = this.#remember();
    void this.#watch(runCommand(client, "savepoint part"));
    try {
      await work();
      await this.#watch(runCommand(client, "release savepoint part"));
    } catch (error) {
      const failure = this.#failure ?? databaseErrorFrom(error);
      undo();
      try {
        await runCommand(client, "rollback to savepoint part");
      } catch (lost) {
        throw databaseErrorFrom(lost);
      }
      this.#failure = undefined;
      throw failure;
    }
  }

  /** Writes the outbox and commits, in one round trip. Returns what was written to the outbox. */
  async commit(): Promise<readonly OutgoingEnvelope[]> {
    const { client, source, limits, newId } = this.#options;
    for (const [type, events] of this.#events) {
      this.#envelopes.push(...envelopesOf({ type, events, source, limits, newId }));
    }
    this.#isOver = true;
    if (this.#envelopes.length > 0) {
      void this.#watch(insertOutbox(client, this.#envelopes));
    }
    failpoint("uow.before-commit", this.#envelopes);
    const tag = await this.#watch(runCommand(client, "commit"));
    if (tag !== "COMMIT") {
      throw this.#failure ?? bug(`COMMIT was answered by ${tag}`);
    }
    return this.#envelopes;
  }

  /** Resolves when the server has answered everything that was sent. Throws when it cannot. */
  async rollback(): Promise<void> {
    this.#isOver = true;
    await runCommand(this.#options.client, "rollback");
  }

  /** Maps the error, remembers the first, and keeps a promise nobody awaits from being a crash. */
  #watch<T>(answer: Promise<T>): Promise<T> {
    const watched = answer.catch((reason: unknown) => {
      const error = databaseErrorFrom(reason);
      this.#failure ??= error;
      throw error;
    });
    watched.catch(() => {});
    return watched;
  }

  #remember(): () => void {
    const lengths = new Map([...this.#events].map(([type, events]) => [type, events.length]));
    const envelopes = this.#envelopes.length;
    const actions = this.#actions.length;
    return () => {
      for (const [type, events] of this.#events) {
        events.length = lengths.get(type) ?? 0;
      }
      this.#envelopes.length = envelopes;
      this.#actions.length = actions;
    };
  }
}

function bug(message: string): AppError {
  return new AppError({ code: "INTERNAL", message: "internal error", cause: new Error(message) });
}
