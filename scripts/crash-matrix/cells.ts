import { Coordination } from "@ordersaga/gen/saga/v1/saga";

/** One death: this service at this failpoint, of sagas coordinated in this way. */
export type Cell = {
  readonly service: string;
  /** Failpoints of the lives of the service, one after the other: the life after the last has none. */
  readonly lives: readonly string[];
  readonly coordination: Mode;
  /** Happens to the broker when the orders are placed. */
  readonly broker?: "wipe";
};

export type Mode = keyof typeof coordinationOf;

export const coordinationOf = {
  choreography: Coordination.CHOREOGRAPHY,
  orchestration: Coordination.ORCHESTRATION,
} as const;

export const modes = ["choreography", "orchestration"] as const satisfies readonly Mode[];

/** Name of a cell as it is printed and asked for. */
export function nameOf({ service, lives }: Cell): string {
  return `${service} ${lives.join(" then ")}`;
}

/** Every cell of one mode. */
export function cellsOf(coordination: Mode): readonly Cell[] {
  return Object.entries(trafficOf[coordination]).flatMap(([service, traffic]) =>
    [...placesOf(service, traffic), ...(ownPlaces[service] ?? [])].map((place) => ({
      service,
      coordination,
      ...place,
    })),
  );
}

type Place = Pick<Cell, "lives" | "broker">;

/** What a service hears, as tokens of its consumers' names, and what it says, as subjects. */
type Traffic = { readonly hears: readonly string[]; readonly says: readonly string[] };

/** The boundaries of every message: before and after commit, publication, mark, handler and acknowledgement. */
function placesOf(service: string, { hears, says }: Traffic): readonly Place[] {
  const perMessage = [
    ...hears.flatMap((type) =>
      ["consumer.before-handler", "consumer.after-commit", "consumer.after-ack"].map(
        (place) => `${place}:${service}-${type}`,
      ),
    ),
    ...says.flatMap((subject) =>
      ["uow.before-commit", "uow.after-commit", "relay.before-publish", "relay.after-publish"].map(
        (place) => `${place}:${subject}`,
      ),
    ),
  ];
  const [said = ""] = says;
  return says.length === 0
    ? []
    : [
        ...perMessage.map((place) => ({ lives: [place] })),
        { lives: ["relay.before-mark"] },
        { lives: ["relay.after-mark"] },
        { lives: [`relay.before-publish:${said}`, "sweep.after-claim"] },
        { lives: [`relay.before-publish:${said}`, "sweep.after-publish"] },
        { lives: [`stream.after-renewal:${service.toUpperCase()}`], broker: "wipe" },
      ];
}

/** Boundaries that only one service has. */
const ownPlaces: Readonly<Record<string, readonly Place[]>> = {
  order: [
    { lives: ["order.before-create"] },
    { lives: ["order.after-create"] },
    { lives: ["order.before-cancel"] },
    { lives: ["order.after-cancel"] },
    { lives: ["saga.after-claim"] },
  ],
  inventory: [{ lives: ["inventory.before-check"] }],
  payment: [
    { lives: ["payment.before-call:charge"] },
    { lives: ["payment.after-call:charge"] },
    { lives: ["payment.before-call:cancel"] },
    { lives: ["payment.after-call:cancel"] },
    { lives: ["payment.after-claim"] },
  ],
  "payment-provider": [
    { lives: ["provider.before-commit:charge"] },
    { lives: ["provider.after-commit:charge"] },
    { lives: ["provider.before-commit:cancel"] },
    { lives: ["provider.after-commit:cancel"] },
  ],
};

const outcomes = {
  inventory: [
    "inventory.event.v1.inventory-reserved",
    "inventory.event.v1.inventory-insufficient",
    "inventory.event.v1.inventory-released",
    "inventory.event.v1.inventory-committed",
  ],
  payment: [
    "payment.event.v1.payment-succeeded",
    "payment.event.v1.payment-declined",
    "payment.event.v1.payment-refunded",
    "payment.event.v1.payment-pending",
  ],
} as const;

const heardByOrder = [...outcomes.inventory, ...outcomes.payment].map(lastToken);

const trafficOf: Readonly<Record<Mode, Readonly<Record<string, Traffic>>>> = {
  choreography: {
    order: {
      hears: heardByOrder,
      says: [
        "order.event.v1.order-created",
        "order.event.v1.order-confirmed",
        "order.event.v1.order-aborted",
      ],
    },
    inventory: {
      hears: ["order-created", "order-confirmed", "order-aborted", "payment-declined"],
      says: outcomes.inventory,
    },
    payment: {
      hears: ["inventory-reserved", "order-confirmed", "order-aborted"],
      says: outcomes.payment,
    },
    "payment-provider": { hears: [], says: [] },
  },
  orchestration: {
    order: {
      hears: heardByOrder,
      says: [
        "inventory.command.v1.reserve-inventory",
        "payment.command.v1.process-payment",
        "inventory.command.v1.commit-inventory",
        "inventory.command.v1.release-inventory",
        "payment.command.v1.refund-payment",
      ],
    },
    inventory: {
      hears: ["reserve-inventory", "commit-inventory", "release-inventory"],
      says: outcomes.inventory,
    },
    payment: {
      hears: ["process-payment", "refund-payment", "order-confirmed"],
      says: outcomes.payment,
    },
    "payment-provider": { hears: [], says: [] },
  },
};

function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
