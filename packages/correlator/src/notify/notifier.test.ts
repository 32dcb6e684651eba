import { DropscopeError, type Problem } from "@dropscope/model";
import type { StoreLogger } from "@dropscope/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ManualClock, manualClock, until } from "../testing/manual-clock.js";
import { createNotifier, type Notifier, type NotifierOptions } from "./notifier.js";
import { readTarget } from "./post.js";
import { type Answer, problem, type Receiver, startReceiver } from "./testing.js";

let receiver: Receiver;
let clock: ManualClock;
let notifier: Notifier | undefined;
const logged: string[] = [];
const logger: StoreLogger = {
  info: () => undefined,
  warn: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
  error: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
};

beforeEach(async () => {
  receiver = await startReceiver();
  clock = manualClock(Date.UTC(2026, 4, 12, 9, 31));
  logged.length = 0;
});
afterEach(async () => {
  const ended = notifier?.stop(0);
  clock.advance(1);
  await ended;
  await receiver.stop();
  // Whatever happened: the address and what was answered are told to nobody.
  expect(logged.join("\n")).not.toMatch(/secret|127\.0\.0\.1/);
});

function start(options: Partial<NotifierOptions> = {}): Notifier {
  const target = readTarget(receiver.url);
  notifier = createNotifier({ target, format: "json", clock, logger, ...options });
  return notifier;
}
const got = (): unknown[] => receiver.bodies.map(({ event, problem: id }) => [event, id]);
const arrived = (count: number): Promise<void> =>
  until(`${count} messages`, () => receiver.bodies.length === count);
const accepted = (count: number): Promise<void> =>
  until(`${count} accepted`, () => notifier?.stats().sent === count);
/** Time for whatever should not come. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
const id = (n: number): string => n.toString(16).padStart(16, "0");

describe("what is told", () => {
  test("a problem with its policy and fix, as JSON", async () => {
    start({ linkOf: (one) => `https://dropscope.example/#/problems/${one}` });
    notifier!.problemChanged(problem());
    await arrived(1);
    expect(receiver.bodies[0]).toMatchObject({
      version: 1,
      event: "opened",
      problem: "00000000000000a1",
      title: "store/checkout → store/db on TCP 5432",
      policies: [{ kind: "NetworkPolicy", namespace: "store", name: "db-ingress" }],
      sentence: expect.stringContaining("store/db-ingress makes deny the default") as string,
      fix: expect.stringContaining(
        "let spec.ingress[0] of NetworkPolicy store/db-ingress",
      ) as string,
      link: "https://dropscope.example/#/problems/00000000000000a1",
      leftOut: 0,
    });
    expect(receiver.headers[0]).toMatchObject({ "content-type": "application/json" });
  });

  test("each change of state once: it begins, ends, comes back, ends", async () => {
    start();
    for (const state of [
      "new",
      "new",
      "ongoing",
      "resolved",
      "resolved",
      "back",
      "ongoing",
    ] as const) {
      notifier!.problemChanged(problem(id(1), state));
      await until("told", () => notifier!.stats().waiting === 0);
    }
    notifier!.problemChanged(problem(id(1), "resolved"));
    await arrived(4);
    await settled();
    expect(got()).toEqual(
      ["opened", "resolved", "returned", "resolved"].map((event) => [event, id(1)]),
    );
  });

  test("what was there before, what is over before it was told, and what is no policy's doing are not", async () => {
    start({ limits: { burst: 1, perMinute: 1 } });
    notifier!.assumeKnown(problem(id(1)));
    notifier!.problemChanged(problem(id(1), "ongoing"));
    notifier!.problemChanged(problem(id(2), "resolved"));
    notifier!.problemChanged(problem(id(3), "new", { outcome: "not-policy" }));
    notifier!.problemChanged(problem(id(4)));
    await accepted(1);
    // Waits for the rate, and is over meanwhile.
    notifier!.problemChanged(problem(id(5)));
    notifier!.problemChanged(problem(id(5), "resolved"));
    clock.advance(120_000);
    notifier!.problemChanged(problem(id(6)));
    await accepted(2);
    expect(got()).toEqual([
      ["opened", id(4)],
      ["opened", id(6)],
    ]);
  });

  test("user and password of the address become a header", async () => {
    start({ target: readTarget(receiver.url.replace("//", "//bot:s%40cret@")) });
    notifier!.problemChanged(problem());
    await arrived(1);
    expect(receiver.headers[0]?.["authorization"]).toBe(
      `Basic ${Buffer.from("bot:s@cret").toString("base64")}`,
    );
  });
});

describe("how often", () => {
  test("a burst, then so many a minute", async () => {
    start({ limits: { burst: 3, perMinute: 6 } });
    for (let n = 1; n <= 8; n++) notifier!.problemChanged(problem(id(n)));
    await accepted(3);
    await settled();
    expect(receiver.bodies).toHaveLength(3);
    clock.advance(10_000);
    await accepted(4);
    for (const count of [5, 6, 7, 8]) {
      clock.advance(10_000);
      await accepted(count);
    }
  });

  test("without a rate everything comes at once (control)", async () => {
    start({ limits: { burst: 1000, perMinute: 1000 } });
    for (let n = 1; n <= 8; n++) notifier!.problemChanged(problem(id(n)));
    await accepted(8);
  });

  test("too many to wait are counted, and the next message says how many", async () => {
    start({ limits: { burst: 1, perMinute: 60, waiting: 2 } });
    for (let n = 1; n <= 10; n++) notifier!.problemChanged(problem(id(n)));
    expect(notifier!.stats()).toMatchObject({ leftOut: 7, waiting: 2 });
    for (const count of [1, 2, 3]) {
      await accepted(count);
      clock.advance(1000);
    }
    expect(receiver.bodies.map(({ leftOut }) => leftOut)).toEqual([0, 7, 0]);
    // They are no news later either.
    notifier!.problemChanged(problem(id(9), "ongoing"));
    clock.advance(60_000);
    await settled();
    expect(receiver.bodies).toHaveLength(3);
  });

  test("memory is bounded with a hundred thousand problems", () => {
    start({ limits: { remembered: 500, waiting: 50 } });
    for (let n = 1; n <= 100_000; n++) notifier!.problemChanged(problem(id(n)));
    expect(notifier!.stats()).toMatchObject({ remembered: 500, waiting: 50 });
  });
});

describe("faults", () => {
  const again: readonly [string, Answer][] = [
    ["500", { status: 500 }],
    ["502", { status: 502 }],
    ["429", { status: 429 }],
    ["a cut connection", "cut"],
  ];
  test.each(again)("%s is tried again, later each time, until it is accepted", async (_, how) => {
    start();
    receiver.answer(how, how);
    notifier!.problemChanged(problem());
    await arrived(1);
    await until("a wait", () => clock.waiting().includes(1000));
    clock.advance(999);
    await settled();
    expect(receiver.bodies).toHaveLength(1);
    clock.advance(1);
    await arrived(2);
    await until("a longer wait", () => clock.waiting().includes(2000));
    clock.advance(2000);
    await arrived(3);
    await until("sent", () => notifier!.stats().sent === 1);
    expect(notifier!.stats()).toMatchObject({ sent: 1, failed: 0, retries: 2 });
  });

  test("silence is a timeout, and tried again", async () => {
    start();
    receiver.answer("silence");
    notifier!.problemChanged(problem());
    await arrived(1);
    await settled();
    expect(notifier!.stats().retries).toBe(0);
    clock.advance(10_000);
    await until("a wait", () => clock.waiting().includes(1000));
    clock.advance(1000);
    await until("sent", () => notifier!.stats().sent === 1);
    expect(logged[0]).toContain("timeout");
  });

  test("a receiver that asks for time gets it, up to a bound", async () => {
    start();
    receiver.answer({ status: 429, headers: { "retry-after": "30" } });
    receiver.answer({ status: 503, headers: { "retry-after": "86400" } });
    notifier!.problemChanged(problem());
    await until("the wait that it asks for", () => clock.waiting().includes(30_000));
    clock.advance(30_000);
    await until("the longest wait", () => clock.waiting().includes(60_000));
    clock.advance(60_000);
    await until("sent", () => notifier!.stats().sent === 1);
  });

  test("a receiver that never recovers is given up, and the next message is tried", async () => {
    start({ limits: { attempts: 3 } });
    receiver.answer({ status: 500 }, { status: 500 }, { status: 500 });
    notifier!.problemChanged(problem(id(1)));
    notifier!.problemChanged(problem(id(2)));
    for (const wait of [1000, 2000]) {
      await until("a wait", () => clock.waiting().includes(wait));
      clock.advance(wait);
    }
    await until("sent", () => notifier!.stats().sent === 1);
    expect(got().map((one) => (one as string[])[1])).toEqual([id(1), id(1), id(1), id(2)]);
    expect(notifier!.stats().failed).toBe(1);
  });

  test.each([301, 302, 307, 400, 401, 403, 404, 410])("%d is not tried again", async (status) => {
    const other = await startReceiver();
    start();
    receiver.answer({ status, headers: { location: other.url } });
    notifier!.problemChanged(problem(id(1)));
    await until("given up", () => notifier!.stats().failed === 1);
    notifier!.problemChanged(problem(id(2)));
    await until("sent", () => notifier!.stats().sent === 1);
    expect(notifier!.stats().retries).toBe(0);
    // Whoever answered with a redirection does not choose who hears of problems.
    expect(other.bodies).toEqual([]);
    await other.stop();
  });

  test("a change while it is tried again is told afterwards, in order", async () => {
    start();
    receiver.answer({ status: 500 });
    notifier!.problemChanged(problem(id(1)));
    await until("a wait", () => clock.waiting().includes(1000));
    notifier!.problemChanged(problem(id(1), "resolved"));
    clock.advance(1000);
    await until("both", () => notifier!.stats().sent === 2);
    expect(got()).toEqual([
      ["opened", id(1)],
      ["opened", id(1)],
      ["resolved", id(1)],
    ]);
  });

  test("it ends at once while it waits, and after its deadline while a receiver is silent", async () => {
    start();
    receiver.answer({ status: 500 });
    notifier!.problemChanged(problem());
    await until("a wait", () => clock.waiting().includes(1000));
    await notifier!.stop(5000);
    start();
    receiver.answer("silence");
    notifier!.problemChanged(problem());
    await arrived(2);
    const ended = notifier!.stop(5000);
    clock.advance(4999);
    expect(await Promise.race([ended.then(() => "ended"), settled().then(() => "waits")])).toBe(
      "waits",
    );
    clock.advance(1);
    await ended;
    notifier!.problemChanged(problem(id(2)));
    await settled();
    expect(receiver.bodies).toHaveLength(2);
  });
});

describe("addresses", () => {
  test.each([
    "",
    "hooks.slack.com/services/x",
    "ftp://hooks.example/secret",
    "javascript:alert(1)",
  ])("%j is refused without being repeated", (text) => {
    const read = (): unknown => readTarget(text);
    expect(read).toThrow(DropscopeError);
    try {
      read();
    } catch (error) {
      const { message, next, code } = error as DropscopeError;
      expect(code).toBe("NOTIFY_URL");
      expect(`${message} ${next}`).not.toMatch(/secret|alert|services/);
    }
  });
});

test("problems that change hands twice a second are told at most as often as the rate allows", async () => {
  start({ limits: { burst: 2, perMinute: 2 } });
  const flip: Problem["state"][] = ["new", "resolved", "back", "resolved", "back", "resolved"];
  for (let minute = 0; minute < 5; minute++)
    for (const state of flip) {
      notifier!.problemChanged(problem(id(1), state));
      clock.advance(500);
      await until("tried", () => notifier!.stats().sent === receiver.bodies.length);
    }
  expect(receiver.bodies.length).toBeLessThanOrEqual(3);
});
