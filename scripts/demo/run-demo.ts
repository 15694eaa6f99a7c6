import type { SystemClients } from "../system/clients.ts";
import { chapters } from "./stories.ts";
import { type Ending, tell } from "./tell.ts";

/** The session that the demonstration, the README and the printed command lines use. */
export const demoSession = "demo";

/** Sets the demonstration's stock back and tells every chapter; returns how each story ended. */
export async function runDemo(clients: SystemClients): Promise<readonly Ending[]> {
  await clients.inventory.seedProducts({}, { sessionId: demoSession });
  const endings: Ending[] = [];
  for (const chapter of chapters) {
    // One chapter after the other is what makes the output readable.
    const told = await Promise.all(
      chapter.map((story) => tell(clients, { story, sessionId: demoSession })),
    );
    endings.push(...told);
  }
  return endings;
}
