/**
 * A query for payments whose sagas and sessions are the arrays `$1` and `$2`. It looks into the key once
 * for each and locks row by row in the order of the key, which is the order in which everybody does.
 * `columns` are those to read, of a row called `p`.
 */
export function lockedPayments(columns: string): string {
  return `
    select p.*
    from (
      select distinct saga_id, session_id collate "C" as session_id
      from unnest($1::uuid[], $2::text[]) as asked (saga_id, session_id)
      order by 1, 2
    ) asked
    cross join lateral (
      select ${columns}
      from payment p
      where p.saga_id = asked.saga_id and p.session_id = asked.session_id
      for update
    ) p
  `;
}
