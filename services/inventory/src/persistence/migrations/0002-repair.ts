import { Migration } from "@mikro-orm/migrations";
import { createRepairTables, dropRepairTables } from "@ordersaga/outbox";

/** What operators do by hand. */
export class Migration0002Repair extends Migration {
  override up(): void {
    this.addSql(createRepairTables);
  }

  override down(): void {
    this.addSql(dropRepairTables);
  }
}
