import { uuidOf } from "@ordersaga/kernel";

/**
 * The public id of a saga's payment: the saga's own UUID, in its dashed form. A saga has one payment in
 * its session, so the natural key is the id, and nobody needs to look one up to find the other.
 */
export function paymentIdOf(sagaId: string): string {
  return uuidOf(sagaId) ?? sagaId;
}
