/** One product and how many pieces of it an order asks for. */
export type Line = { readonly productId: string; readonly quantity: number };

/** A product of which there was not enough for an order. */
export type Shortage = {
  readonly productId: string;
  readonly requested: number;
  readonly available: number;
};

/** Why a saga was aborted. */
export type Cause = { readonly code: string; readonly message: string };

/**
 * What inventory remembers of one saga, for as long as its order is kept. All but PENDING are final, and
 * each carries what its answer needs, so that a repeated question gets the recorded answer.
 */
export type Reservation =
  /** Stock is held. */
  | { readonly status: "PENDING"; readonly lines: readonly Line[] }
  /** The stock has left for good. */
  | { readonly status: "CONFIRMED"; readonly lines: readonly Line[] }
  /** Nothing is held, and nothing will be. Without lines it is a tombstone: the undo came first. */
  | { readonly status: "RELEASED"; readonly lines: readonly Line[]; readonly cause: Cause }
  /** There was not enough. Nothing was ever held. */
  | {
      readonly status: "REFUSED";
      readonly lines: readonly Line[];
      readonly shortages: readonly Shortage[];
    };

export type ReservationStatus = Reservation["status"];

/** What a saga asks of inventory: reserve, give back, or make final. */
export type Request =
  | { readonly kind: "do"; readonly lines: readonly Line[] }
  | { readonly kind: "undo"; readonly cause: Cause }
  | { readonly kind: "finish" };
