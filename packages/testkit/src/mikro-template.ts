import { createHash } from "node:crypto";

import { type Migration, Migrator } from "@mikro-orm/migrations";
import { MikroORM, type Options } from "@mikro-orm/postgresql";

export type Entities = NonNullable<Options["entities"]>;

/** A class that extends MikroORM's `Migration`. */
export type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

export type Schema = {
  readonly entities: Entities;
  readonly migrations: readonly MigrationClass[];
};

/** Applies all migrations to an empty database, and writes down that they are applied. */
export async function migrate(url: string, schema: Schema): Promise<void> {
  const orm = await openOrm(url, schema);
  try {
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
}

/** Tells schemas apart by the statements that their migrations run. */
export async function fingerprint(url: string, schema: Schema): Promise<string> {
  const orm = await openOrm(url, schema);
  try {
    const hash = createHash("sha256");
    for (const MigrationOfSchema of schema.migrations) {
      const migration = new MigrationOfSchema(orm.em.getDriver(), orm.config);
      // oxlint-disable-next-line no-await-in-loop
      await migration.up();
      hash.update(MigrationOfSchema.name).update(migration.getQueries().map(String).join(";"));
    }
    return hash.digest("hex");
  } finally {
    await orm.close(true);
  }
}

async function openOrm(url: string, schema: Schema): Promise<MikroORM> {
  return await MikroORM.init({
    clientUrl: url,
    entities: schema.entities,
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: [...schema.migrations], snapshot: false, silent: true },
    ensureDatabase: false,
    driverOptions: { max: 2, application_name: "testkit migrations" },
  });
}
