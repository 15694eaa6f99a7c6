import type { FieldViolation } from "@ordersaga/kernel";

/** The first line that names a product which an earlier line named already. */
export function repeatedProduct(
  lines: readonly { readonly productId: string }[],
): FieldViolation | undefined {
  if (lines.length < 2) {
    return undefined;
  }
  const seen = new Map<string, number>();
  for (const [index, { productId }] of lines.entries()) {
    const first = seen.get(productId);
    if (first !== undefined) {
      const description = `"${productId}" is already in lines[${first}]: each product once`;
      return { field: `lines[${index}].product_id`, description };
    }
    seen.set(productId, index);
  }
  return undefined;
}

/**
 * Says when an order is too large to travel in one message. The size is an upper bound of what its event
 * takes with its state, cheap to compute: texts are ASCII by their rules, numbers at most 10 bytes.
 */
export function tooLarge(
  request: {
    readonly userId: string;
    readonly lines: readonly { readonly productId: string }[];
    readonly paymentMethod?: { readonly token: string } | undefined;
  },
  maxBytes: number,
): FieldViolation | undefined {
  let bytes = fixedBytes + request.userId.length + (request.paymentMethod?.token.length ?? 0);
  for (const { productId } of request.lines) {
    bytes += bytesPerLine + productId.length;
  }
  // Twice: once in the event, once in the state that travels with it.
  return bytes * 2 <= maxBytes
    ? undefined
    : { field: "lines", description: `the order would need more than ${maxBytes} bytes` };
}

const fixedBytes = 256;
const bytesPerLine = 48;
