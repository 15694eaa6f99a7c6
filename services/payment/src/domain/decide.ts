import type {
  Payment,
  PaymentAnswer,
  PaymentRequest,
  ProviderAnswer,
  ProviderCall,
} from "./payment.ts";

/** Where a payment stands after it heard something, and what is to be said and asked then. */
export type Decision = {
  /** Undefined only when the provider answers for a saga that payment knows nothing of. */
  readonly payment: Payment | undefined;
  /** What the saga is told. */
  readonly answer?: PaymentAnswer;
  /** What the provider is asked, after the record is durable. */
  readonly call?: ProviderCall;
};

/**
 * Decides what a request of the saga, or an answer of the provider, does to a payment. This is the payment
 * table of the saga's protocol, row by row. Where the table has no arrow the record stays as it is: a
 * request is then answered from it, and an answer of the provider is of no consequence. While a charge
 * is unresolved the saga hears neither "declined" nor "refunded".
 */
export function decide(
  payment: Payment | undefined,
  heard: PaymentRequest | ProviderAnswer,
): Decision {
  if (payment === undefined) {
    return whenNone(heard);
  }
  switch (payment.status) {
    case "CHARGING":
      return whenCharging(payment, heard);
    case "SUCCEEDED":
      return whenSucceeded(payment, heard);
    case "UNDOING":
      return whenUndoing(payment, heard);
    case "DECLINED":
    case "REFUNDED":
    default:
      return repeated(payment, heard);
  }
}

/**
 * What a payment answers when it is asked, by its status alone. UNDOING has no answer: it comes with the
 * provider's.
 */
export function answerOf(payment: Payment): PaymentAnswer | undefined {
  switch (payment.status) {
    case "CHARGING":
      return { kind: "pending" };
    case "SUCCEEDED":
      return { kind: "succeeded" };
    case "DECLINED":
      return { kind: "declined", declineCode: payment.declineCode };
    case "REFUNDED":
      return { kind: "refunded", cause: payment.cause };
    case "UNDOING":
    default:
      return undefined;
  }
}

/** The call that a payment stands for until the provider has answered it. */
export function callOf(payment: Payment): ProviderCall | undefined {
  switch (payment.status) {
    case "CHARGING":
      return "charge";
    case "UNDOING":
      return "cancel";
    default:
      return undefined;
  }
}

type Heard = PaymentRequest | ProviderAnswer;
type Charging = Extract<Payment, { status: "CHARGING" }>;
type Succeeded = Extract<Payment, { status: "SUCCEEDED" }>;
type Undoing = Extract<Payment, { status: "UNDOING" }>;

/** The row "none". */
function whenNone(heard: Heard): Decision {
  switch (heard.kind) {
    case "do":
      return standing({ status: "CHARGING", charge: heard.charge });
    case "undo":
      return standing({ status: "REFUNDED", charge: undefined, cause: heard.cause });
    default:
      return { payment: undefined };
  }
}

/** The row "charging". That the provider held nothing cannot be: nobody asked it to cancel. */
function whenCharging(payment: Charging, heard: Heard): Decision {
  const { charge } = payment;
  switch (heard.kind) {
    case "do":
      return standing(payment);
    case "undo":
      return standing({ status: "UNDOING", charge, cause: heard.cause });
    case "charged":
      return standing({ status: "SUCCEEDED", charge });
    case "declined":
      return standing({ status: "DECLINED", charge, declineCode: heard.declineCode });
    case "undecided":
      return { payment, answer: { kind: "pending" } };
    case "undone":
    default:
      return { payment };
  }
}

/** The row "succeeded". */
function whenSucceeded(payment: Succeeded, heard: Heard): Decision {
  return heard.kind === "undo"
    ? standing({ status: "UNDOING", charge: payment.charge, cause: heard.cause })
    : repeated(payment, heard);
}

/** The row "undoing". A charge that is answered now is what the cancel is for. */
function whenUndoing(payment: Undoing, heard: Heard): Decision {
  const { charge, cause } = payment;
  switch (heard.kind) {
    case "do":
    case "undo":
    case "charged":
      return standing(payment);
    case "declined":
      return standing({ status: "DECLINED", charge, declineCode: heard.declineCode });
    case "undone":
      return standing({ status: "REFUNDED", charge, cause });
    case "undecided":
    default:
      return { payment };
  }
}

/** Nothing changes: a request is answered from the record, an answer of the provider is dropped. */
function repeated(payment: Payment, heard: Heard): Decision {
  return heard.kind === "do" || heard.kind === "undo" ? standing(payment) : { payment };
}

/** A payment with all that its status says and asks. */
function standing(payment: Payment): Decision {
  const answer = answerOf(payment);
  const call = callOf(payment);
  return {
    payment,
    ...(answer === undefined ? {} : { answer }),
    ...(call === undefined ? {} : { call }),
  };
}
