import assert from "node:assert/strict";
import { test } from "node:test";
import { recordIn } from "./access-log.js";

const RECORD = '{"type":"inference","at":1.5,"model_name":"a \\"b\\" {\\\\","features":{"x":[1,null]},"unread":[{"side":"request"}]}';

test("a record is found alone, among text and in as many strings as wrap it", () => {
  const once = JSON.stringify({ log: `${RECORD}\n`, stream: "stdout" });
  const lines = [
    RECORD,
    `[2026-09-21T14:13:20Z] "POST /v2 HTTP/1.1" 200 ${RECORD} 12ms {"other": 1}`,
    JSON.stringify({ status: 200, record: RECORD }),
    once,
    JSON.stringify({ log: once }),
    JSON.stringify({ log: JSON.stringify({ message: JSON.stringify({ record: RECORD }) }) }),
  ];
  for (const line of lines) assert.equal(recordIn(line), RECORD, line);
});

test("a line without a whole record has none", () => {
  const lines = ["", "-", "{}", '{"type":"label"}', RECORD.slice(0, -1), JSON.stringify({ log: RECORD }).slice(0, 60)];
  for (const line of lines) {
    const found = recordIn(line);
    assert.throws(() => JSON.parse(found ?? ""), `${line}: ${found}`);
  }
});
