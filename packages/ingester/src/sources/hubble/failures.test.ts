import { status as Code } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { createBackoff } from "./backoff.js";
import { classify, streamError } from "./failures.js";

describe("classify", () => {
  it.each([
    [Code.OK, "retry"],
    [Code.UNAVAILABLE, "retry"],
    [Code.INTERNAL, "retry"],
    [Code.UNKNOWN, "retry"],
    [Code.RESOURCE_EXHAUSTED, "retry"],
    [Code.CANCELLED, "retry"],
    [Code.DEADLINE_EXCEEDED, "retry"],
    [Code.ABORTED, "retry"],
    [Code.INVALID_ARGUMENT, "fatal"],
    [Code.UNIMPLEMENTED, "fatal"],
    [Code.UNAUTHENTICATED, "fatal"],
    [Code.PERMISSION_DENIED, "fatal"],
  ])("code %i is %s", (code, kind) => {
    expect(classify(code)).toBe(kind);
  });
});

describe("streamError", () => {
  it("has a code, a next step and one printable line whatever the server says", () => {
    for (const code of Object.values(Code).filter((value) => typeof value === "number")) {
      const error = streamError(code, `bad\u001b[31m\n\u202e${"x".repeat(900)}`, "relay:80");
      expect(error.code).toMatch(/^HUBBLE_/);
      expect(error.next.length).toBeGreaterThan(10);
      expect(error.message).toContain("relay:80");
      expect(error.message.length).toBeLessThan(400);
      // oxlint-disable-next-line no-control-regex -- that is what must not be there
      expect(error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });
});

describe("backoff", () => {
  it("doubles from 1 s to 30 s, jittered down to half, and starts again", () => {
    const calm = createBackoff({ random: () => 1 });
    expect(Array.from({ length: 7 }, () => calm.next())).toEqual([
      1000, 2000, 4000, 8000, 16000, 30000, 30000,
    ]);
    calm.reset();
    expect(calm.next()).toBe(1000);
    expect(createBackoff({ random: () => 0 }).next()).toBe(500);
  });
});
