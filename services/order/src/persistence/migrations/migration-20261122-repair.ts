import { Migration } from "@mikro-orm/migrations";
import { createRepairTables } from "@ordersaga/outbox";

/** What operators do by hand. */
export class Migration20261122Repair extends Migration {
  override readonly name = "Migration20261122Repair";

  override up(): void {
    this.addSql(createRepairTables);
  }
}
