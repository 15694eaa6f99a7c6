import { Client } from "pg";

/** Read-only looks into every service's database, behind the services' backs. */
export type Databases = AsyncDisposable & {
  readonly rows: <Row>(service: string, text: string) => Promise<readonly Row[]>;
};

/** Connects to each database by its service's name; a lost connection is made again at the next look. */
export function openDatabases(urls: Readonly<Record<string, string>>): Databases {
  const clients = new Map<string, Promise<Client>>();

  const clientOf = (service: string): Promise<Client> => {
    const known = clients.get(service);
    if (known !== undefined) {
      return known;
    }
    const client = new Client({
      connectionString: urls[service],
      options: "-c default_transaction_read_only=on",
    });
    const forget = (): void => void clients.delete(service);
    client.on("error", forget);
    client.on("end", forget);
    const connected = client.connect().then(() => client);
    connected.catch(forget);
    clients.set(service, connected);
    return connected;
  };
  return {
    rows: async <Row>(service: string, text: string) => {
      const client = await clientOf(service);
      const { rows } = await client.query(text);
      return rows as Row[];
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of Array.from(clients.values())) {
        await client.then(async (connected) => await connected.end()).catch(() => undefined);
      }
    },
  };
}
