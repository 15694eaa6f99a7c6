/** Rows of one page: as the contract says. */
export const pageSizes = { default: 50, max: 1000 } as const;

/** What the key of a page looks like; it went through a client's hands. */
export const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
