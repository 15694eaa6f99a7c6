/** Colours a text for a terminal; returns it as it is when nobody looks (a pipe, `NO_COLOR`). */
export type Colour = "red" | "green" | "yellow" | "blue" | "cyan" | "grey" | "bold";

const codes = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, grey: 90, bold: 1 } as const;

const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;

export function colour(name: Colour, text: string): string {
  return isColoured ? `\u001B[${codes[name]}m${text}\u001B[0m` : text;
}
