import type { Setting, Settings } from "@ordersaga/kernel";

/** The settings of one service. */
export type ServiceSettings = { readonly service: string; readonly settings: Settings };

/** `docs/reference/configuration.md`: settings that several services have once, then each service's own. */
export function configurationPage(services: readonly ServiceSettings[]): string {
  const isCommon = (name: string): boolean => {
    const told = services.flatMap(({ settings }) => settings[name] ?? []);
    const ways = new Set(told.map(({ description, defaultText }) => description + defaultText));
    return told.length > 1 && ways.size === 1;
  };
  const common = new Map<string, { setting: Setting<unknown>; services: string[] }>();
  for (const { service, settings } of services) {
    for (const [name, setting] of Object.entries(settings).filter(([key]) => isCommon(key))) {
      const known = common.get(name) ?? { setting, services: [] };
      known.services.push(service);
      common.set(name, known);
    }
  }
  const own = services.map(({ service, settings }) => {
    const rows = Object.entries(settings).filter(([name]) => !isCommon(name));
    return `## ${service}\n\n${table(rows)}`;
  });
  const groups = Map.groupBy(common, ([, { services: users }]) => users.join(", "));
  const shared = [...groups].map(([users, rows]) => {
    const pairs = rows.map(([name, { setting }]) => [name, setting] as const);
    return `## In ${users}\n\n${table(pairs)}`;
  });
  return (
    [head, ...shared, ...own, ""]
      .join("\n\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trimEnd() + "\n"
  );
}

const head = `# Configuration

Every service reads its settings from the environment, once, at its start. All mistakes are reported together, and the
service does not start with any. Durations are milliseconds. This page is written by \`npm run reference\` from the tables in
\`services/*/src/config.ts\`; a test holds it against them.`;

function table(rows: readonly (readonly [string, Setting<unknown>])[]): string {
  if (rows.length === 0) {
    return "Nothing of its own.";
  }
  const lines = rows.map(([name, { description, defaultText, unit, secret }]) => {
    const shown = defaultText === undefined ? "**required**" : quoted(defaultText);
    const notes = [description, secret === true ? "A secret: never printed." : ""].filter(Boolean);
    return `| \`${name}\` | ${shown}${unit === undefined ? "" : ` ${unit}`} | ${notes.join(" ")} |`;
  });
  return ["| setting | default | |", "| --- | --- | --- |", ...lines].join("\n");
}

function quoted(value: string): string {
  return value === "" ? "empty" : `\`${value}\``;
}
