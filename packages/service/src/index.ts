export { type App, runService, type ServiceProgram } from "./run-service.ts";
export { participantSettings, serviceSettings } from "./service-settings.ts";
