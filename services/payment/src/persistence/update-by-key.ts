/**
 * Writes a statement that updates payments by key. Its first parameters are the arrays of saga ids and
 * session ids; `asked` names further arrays and what they are. `where` and `set` may speak of the row as
 * `p` and of what is asked as `asked`.
 *
 * The rows are found and locked one by one through the key, in its order, and written back over
 * themselves. A plain UPDATE would do the same, but its plan for a table that was small may read all of
 * one that has grown.
 */
export function updateByKey(options: {
  readonly asked?: Readonly<Record<string, string>>;
  readonly where: string;
  readonly set: Readonly<Record<string, string>>;
}): string {
  const { asked = {}, where, set } = options;
  const askedNames = ["saga_id", "session_id", ...Object.keys(asked)].join(", ");
  const arrays = ["$1::uuid[]", "$2::text[]", ...Object.values(asked)].join(", ");
  const found = columns.map((column) => `${set[column] ?? `p.${column}`} as ${column}`);
  const written = Object.keys(set).map((column) => `${column} = excluded.${column}`);
  return `
    insert into payment (${columns.join(", ")})
    select found.*
    from (
      select distinct on (saga_id, session_id collate "C") *
      from unnest(${arrays}) as asked (${askedNames})
      order by saga_id, session_id collate "C"
    ) asked
    cross join lateral (
      select ${found.join(", ")}
      from payment p
      where p.saga_id = asked.saga_id and p.session_id = asked.session_id and (${where})
      for update
    ) found
    on conflict (saga_id, session_id) do update set ${written.join(", ")}
  `;
}

const columns: readonly string[] = [
  "saga_id",
  "session_id",
  "status",
  "user_id",
  "currency_code",
  "minor_units",
  "token",
  "decline_code",
  "cause_code",
  "cause_message",
  "traceparent",
  "definition_version",
  "coordination",
  "saga_state",
  "attempts",
  "next_call_at",
  "pending_due_at",
  "confirmed_at",
  "created_at",
  "updated_at",
];
