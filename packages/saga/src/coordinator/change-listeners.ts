import type { Coordinator, CoordinatorLog } from "./coordinator.ts";

/** Those who want to know which sagas have changed. A listener that throws harms nobody else. */
export function changeListeners(log: CoordinatorLog): {
  readonly add: Coordinator["onChange"];
  readonly notify: (sagaIds: readonly string[]) => void;
} {
  const listeners = new Set<{ readonly call: (sagaIds: readonly string[]) => void }>();
  return {
    add: (call) => {
      const listener = { call };
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    notify: (sagaIds) => {
      for (const { call } of listeners) {
        try {
          call(sagaIds);
        } catch (error) {
          log.error({ err: error }, "a listener to changes of sagas has thrown");
        }
      }
    },
  };
}
