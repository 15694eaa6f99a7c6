import type { HttpRequest, HttpResponse } from "./http-message.ts";

export type HttpEndpoint = (request: Request) => Promise<Response>;

/** Plain HTTP endpoints, by path. */
export type HttpEndpoints = Readonly<Record<string, HttpEndpoint>>;

/** Calls a plain endpoint in the platform's own terms of Request and Response. */
export async function answerEndpoint(options: {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly endpoint: HttpEndpoint;
  readonly maxRequestBytes: number;
}): Promise<void> {
  const { request, response, endpoint, maxRequestBytes } = options;
  const body = await readBody(request, maxRequestBytes);
  if (body === undefined) {
    if (response.stream === undefined) {
      response.setHeader("connection", "close");
    }
    response.writeHead(413);
    response.end();
    return;
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const url = new URL(request.url ?? "/", "http://localhost");
  const answer = await endpoint(
    new Request(url, {
      method: request.method ?? "GET",
      headers: webHeaders(request),
      ...(hasBody ? { body } : {}),
    }),
  );
  for (const [name, value] of answer.headers) {
    response.appendHeader(name, value);
  }
  response.writeHead(answer.status);
  response.end(Buffer.from(await answer.arrayBuffer()));
}

async function readBody(request: HttpRequest, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function webHeaders(request: HttpRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith(":")) {
      for (const one of Array.isArray(value) ? value : [value ?? ""]) {
        headers.append(name, one);
      }
    }
  }
  return headers;
}
