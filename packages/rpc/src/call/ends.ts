import { AppError } from "@ordersaga/kernel";

export function cancelled(): AppError {
  return new AppError({ code: "CANCELLED", message: "the caller went away" });
}

export function deadlineExceeded(): AppError {
  return new AppError({ code: "DEADLINE_EXCEEDED", message: "the deadline passed" });
}

export function stopping(): AppError {
  return new AppError({ code: "UNAVAILABLE", message: "the server is stopping" });
}
