/** `npm run demo`: places the demonstration orders again, on the system that is running. */
import { connectToRunningSystem } from "../system/clients.ts";
import { runDemo } from "./run-demo.ts";

using clients = connectToRunningSystem();
await runDemo(clients);
