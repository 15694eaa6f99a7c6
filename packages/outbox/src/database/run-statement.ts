import { type PoolClient, type QueryArrayConfig, type QueryConfig, TypeOverrides, types } from "pg";

import type { Statement } from "../unit-of-work.ts";

/**
 * Sends one statement at once, behind those sent before, and resolves with its rows. It is prepared on
 * each connection once, under its name. Rejects with the error as the pg client reports it.
 */
export function runStatement<Row>(
  client: PoolClient,
  statement: Statement<Row>,
  values: readonly unknown[],
): Promise<Row[]> {
  sendTogether(client);
  return new Promise((resolve, reject) => {
    const config: QueryConfig = {
      name: statement.name,
      text: statement.text,
      values: values as unknown[],
      types: hotTypes,
    };
    client.query(config as QueryArrayConfig, (error: Error | undefined, result) => {
      if (error) {
        reject(error);
      } else {
        resolve(result.rows as Row[]);
      }
    });
  });
}

/** Sends BEGIN, COMMIT and their kin without preparing them; resolves with the server's command tag. */
export function runCommand(client: PoolClient, text: string): Promise<string> {
  sendTogether(client);
  return new Promise((resolve, reject) => {
    client.query(text, (error: Error | undefined, result) => {
      if (error) {
        reject(error);
      } else {
        resolve(result.command);
      }
    });
  });
}

/**
 * Statements of one turn leave in one write: BEGIN with the first statement, the outbox with COMMIT.
 * Writing to a socket is what a small unit of work costs most.
 */
function sendTogether(client: PoolClient): void {
  const { stream } = client.connection;
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}

const int8 = 20;
const int8Array = 1016;

/** The pg client's own parsers, but int8 is a bigint. MikroORM keeps its parsers for its own queries. */
const hotTypes = new TypeOverrides();
hotTypes.setTypeParser(int8, "text", BigInt);
const parseTextArray = types.getTypeParser(1009 as never, "text") as (text: string) => string[];
hotTypes.setTypeParser(int8Array, "text", (text: string) => parseTextArray(text).map(BigInt));
