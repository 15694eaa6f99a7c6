import type { AppError } from "@ordersaga/kernel";

/** A call that can be told to end. */
export type RunningCall = {
  /** Ends the call with this error; nothing happens when it has ended. */
  readonly abort: (reason: AppError) => void;
};

/** The calls a server is working on. */
export type RunningCalls = {
  readonly add: (call: RunningCall) => void;
  readonly delete: (call: RunningCall) => void;
  readonly abortAll: (reason: AppError) => void;
};

export function createRunningCalls(): RunningCalls {
  const running = new Set<RunningCall>();
  return {
    add: (call) => void running.add(call),
    delete: (call) => void running.delete(call),
    abortAll: (reason) => {
      for (const call of running) {
        call.abort(reason);
      }
    },
  };
}
