import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { MsgHdrsImpl } from "@nats-io/nats-core";

import { decodeHeaders, encodeHeaders } from "./headers.ts";

describe("headers", () => {
  it("come back as they were sent, whatever their values", () => {
    const headers = {
      plain: "order.event.v1.OrderCreated",
      empty: "",
      colon: "a: b",
      percent: "100%25",
      newlines: "a\r\nevil: b",
      spaces: " a ",
      quotes: '"a"',
      notAscii: "Größe 百 😀",
    };
    assert.deepEqual(throughTheWire(headers), { "Nats-Msg-Id": "id-1", ...headers });
  });

  it("of plain ASCII travel as they are", () => {
    const traceparent = "00-0199a3f0c1d27e3489abcdef01234567-89abcdef01234567-01";
    const wire = new TextDecoder().decode(encoded({ traceparent, time: "2026-01-01T00:00:00Z" }));
    assert.match(wire, new RegExp(`\r\ntraceparent: ${traceparent}\r\n`));
    assert.match(wire, /\r\ntime: 2026-01-01T00:00:00Z\r\n/);
  });

  it("are refused when a name would end its line or its name", () => {
    for (const name of ["", "a b", "a:b", "a\r\nb", "ä"]) {
      assert.throws(() => encodeHeaders("id-1", { [name]: "value" }), /name of a header/);
    }
  });

  it("of others that look encoded but are not stay as they are", () => {
    const received = MsgHdrsImpl.fromRecord({ rate: ["100%"], first: ["1", "2"] });
    assert.deepEqual(decodeHeaders(received), { rate: "100%", first: "1" });
    assert.deepEqual(decodeHeaders(undefined), {});
  });

  it("with half a character are sent all the same", () => {
    assert.equal(throughTheWire({ broken: "a\ud800b" })["broken"], "a\ufffdb");
  });
});

function encoded(headers: Readonly<Record<string, string>>): Uint8Array {
  return (encodeHeaders("id-1", headers) as MsgHdrsImpl).encode();
}

function throughTheWire(headers: Readonly<Record<string, string>>) {
  return decodeHeaders(MsgHdrsImpl.decode(encoded(headers)));
}
