import type { LiveFrame, LiveSnapshot } from "@dropscope/model";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createMetrics } from "../metrics.js";
import { createTestClock } from "../testing/clock.js";
import { type Audience, createAudience, type Member } from "./audience.js";

interface FakeMember extends Member {
  state: "clear" | "some" | "behind";
  got: string[];
}

function setup() {
  const clock = createTestClock();
  const members: FakeMember[] = [];
  const audience = createAudience(
    clock,
    30_000,
    createMetrics(new Registry()),
    (event, data, except) => {
      for (const member of members) {
        if (!except.includes(member.id)) member.got.push(say(event, data));
      }
    },
  );
  let made = 0;
  const send = (seq: number) =>
    audience.frame({ seq, at: 0, drops: [], flows: [], more: 0, skipped: 0 }, () => {
      made += 1;
      return snapshot(seq);
    });
  return {
    clock,
    members,
    audience,
    send,
    made: () => made,
    join: (id: string) => join(audience, members, id),
  };
}

function join(audience: Audience, members: FakeMember[], id: string): FakeMember {
  const member: FakeMember = {
    id,
    state: "clear",
    got: [],
    backlog: () => member.state,
    send: (event, ...data) => void member.got.push(say(event, data[0])),
    cut: (reason) => void member.got.push(`cut ${reason}`),
  };
  members.push(member);
  audience.join(member, snapshot(0), undefined);
  return member;
}

function snapshot(at: number): LiveSnapshot {
  return { at } as LiveSnapshot;
}

function say(event: string, data: unknown): string {
  if (event === "snapshot") return `snapshot ${(data as LiveSnapshot).at}`;
  if (event !== "frame") return event;
  const { seq, skipped } = data as LiveFrame;
  return skipped === 0 ? `frame ${seq}` : `frame ${seq} skipped ${skipped}`;
}

describe("R12: slow browsers hurt only themselves", () => {
  test("one that keeps up gets every frame", () => {
    const { join, send } = setup();
    const quick = join("quick");
    send(1);
    send(2);
    expect(quick.got).toEqual(["snapshot 0", "frame 1", "frame 2"]);
  });

  test("one that falls behind gets nothing more, then a picture and how many it missed", () => {
    const { join, send, made } = setup();
    const quick = join("quick");
    const slow = join("slow");
    slow.state = "behind";
    send(1);
    send(2);
    // It drains, but what it holds must be out before more comes.
    slow.state = "some";
    send(3);
    slow.state = "clear";
    send(4);
    send(5);
    expect(slow.got).toEqual(["snapshot 0", "snapshot 4", "frame 4 skipped 3", "frame 5"]);
    expect(quick.got).toEqual([
      "snapshot 0",
      "frame 1",
      "frame 2",
      "frame 3",
      "frame 4",
      "frame 5",
    ]);
    expect(made()).toBe(1);
  });

  test("one that takes its time, but takes all, is left alone", () => {
    const { join, send } = setup();
    const member = join("steady");
    member.state = "some";
    send(1);
    send(2);
    expect(member.got).toEqual(["snapshot 0", "frame 1", "frame 2"]);
  });

  test("one that takes nothing for 30 s is cut; one that recovers before is not", async () => {
    const { join, send, clock, audience } = setup();
    const dead = join("dead");
    const revived = join("revived");
    dead.state = "behind";
    revived.state = "behind";
    for (let second = 0; second < 29; second++) {
      send(second);
      await clock.pass(1_000);
    }
    revived.state = "clear";
    send(29);
    await clock.pass(1_000);
    send(30);
    expect(dead.got.at(-1)).toBe("cut stalled");
    expect(audience.size).toBe(1);
    expect(revived.got.slice(1)).toEqual(["snapshot 29", "frame 29 skipped 29", "frame 30"]);
  });

  test("a new picture for all heals who was skipped", () => {
    const { join, send, audience } = setup();
    const slow = join("slow");
    slow.state = "behind";
    send(1);
    slow.state = "clear";
    audience.snapshot(snapshot(9));
    send(10);
    expect(slow.got).toEqual(["snapshot 0", "snapshot 9", "frame 10"]);
  });
});
