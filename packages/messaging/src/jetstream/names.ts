/** How the names of the bus are spelt at the broker: with the prefix of a test in front, or as they are. */
export type Names = {
  readonly stream: (name: string) => string;
  readonly durable: (name: string) => string;
  readonly subject: (subject: string) => string;
  readonly withoutPrefix: (subject: string) => string;
};

/** A prefix of lower-case letters and digits keeps what several test files do on one broker apart. */
export function namesWith(prefix: string | undefined): Names {
  if (prefix === undefined || prefix === "") {
    return { stream: same, durable: same, subject: same, withoutPrefix: same };
  }
  if (!/^[a-z0-9]+$/.test(prefix)) {
    throw new Error(`the prefix ${prefix} is not made of lower-case letters and digits`);
  }
  return {
    stream: (name) => `${prefix}_${name}`,
    durable: (name) => `${prefix}_${name}`,
    subject: (subject) => `${prefix}.${subject}`,
    withoutPrefix: (subject) => subject.slice(prefix.length + 1),
  };
}

const same = (name: string): string => name;
