export { placeOrder } from "./place-order.saga.ts";
export { placeOrderLimits } from "./place-order.limits.ts";
