import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** A request of HTTP/1.1, or of HTTP/2 in the same form. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** The response to it. The two differ in nothing that is used here, but TypeScript cannot see that. */
export type HttpResponse = ServerResponse & Partial<Pick<Http2ServerResponse, "stream">>;
