/** One demonstration order: what is ordered, how it is paid, and what should become of it. */
export type Story = {
  /** At most 16 characters: the label of its lines. */
  readonly title: string;
  readonly productId: string;
  readonly quantity: number;
  readonly token: string;
};

/** Told one after the other; the stories of one chapter happen at the same moment. */
export const chapters: readonly (readonly Story[])[] = [
  [{ title: "a good order", productId: "laptop", quantity: 1, token: "tok_ok" }],
  [{ title: "card declined", productId: "keyboard", quantity: 2, token: "tok_declined" }],
  [
    { title: "first of two", productId: "limited-edition", quantity: 1, token: "tok_ok" },
    { title: "second of two", productId: "limited-edition", quantity: 1, token: "tok_ok" },
  ],
  [{ title: "sold out", productId: "sold-out", quantity: 1, token: "tok_ok" }],
];
