/** `npm start`: brings the whole system up on this machine, shows it at work and keeps it running. */
import { up } from "./up.ts";

try {
  await up();
} catch (error) {
  console.error(
    `\nordersaga did not start: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exit(1);
}
