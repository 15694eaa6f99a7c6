/** An amount in minor units of its currency. */
export type Amount = { readonly currencyCode: string; readonly minorUnits: bigint };

/** What the saga wants to be charged. */
export type Charge = {
  readonly amount: Amount;
  /** The provider's token for the means of payment; never card data. */
  readonly token: string;
  readonly userId: string;
};

/** Why a saga was aborted. */
export type Cause = { readonly code: string; readonly message: string };

/**
 * What payment remembers of one saga, for as long as its order is kept. DECLINED and REFUNDED are final,
 * and each status carries what its answer needs, so that a repeated request gets the recorded answer.
 */
export type Payment =
  /** The provider may or may not have charged: nobody may conclude anything. */
  | { readonly status: "CHARGING"; readonly charge: Charge }
  /** The money was taken. */
  | { readonly status: "SUCCEEDED"; readonly charge: Charge }
  /** The provider refused: no money was taken, and none will be. */
  | { readonly status: "DECLINED"; readonly charge: Charge; readonly declineCode: string }
  /** It is to be undone, and the provider has not said yet that no money is held. */
  | { readonly status: "UNDOING"; readonly charge: Charge; readonly cause: Cause }
  /** No money is held, and none will be. Without a charge it is a tombstone: the undo came first. */
  | { readonly status: "REFUNDED"; readonly charge: Charge | undefined; readonly cause: Cause };

export type PaymentStatus = Payment["status"];

/** What a saga asks of payment. */
export type PaymentRequest =
  | { readonly kind: "do"; readonly charge: Charge }
  | { readonly kind: "undo"; readonly cause: Cause };

/** What the provider says about a saga's key: late, stale, repeated, or as it should. */
export type ProviderAnswer =
  | { readonly kind: "charged" }
  | { readonly kind: "declined"; readonly declineCode: string }
  /** Void or refunded. */
  | { readonly kind: "undone" }
  /** It is known to the provider and not decided yet. */
  | { readonly kind: "undecided" };

/** What payment says to a saga: the status that its record is in. */
export type PaymentAnswer =
  | { readonly kind: "pending" }
  | { readonly kind: "succeeded" }
  | { readonly kind: "declined"; readonly declineCode: string }
  | { readonly kind: "refunded"; readonly cause: Cause };

/** What the provider is to be asked. Either can be repeated at will. */
export type ProviderCall = "charge" | "cancel";
