import { expect, test } from "vitest";
import { array, assert, integer, property } from "fast-check";
import { createTimeline } from "./timeline.js";

test("work runs by time, and in the order it was asked for at equal times", () => {
  assert(
    property(array(integer({ min: 0, max: 20 })), (times) => {
      const timeline = createTimeline();
      const ran: [number, number][] = [];
      times.forEach((time, i) => timeline.at(time, () => ran.push([time, i])));
      timeline.runUntil(20);
      const wanted = times
        .map((time, i): [number, number] => [time, i])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(ran).toEqual(wanted);
    }),
  );
});

test("work that is due later waits, and work may ask for more work", () => {
  const timeline = createTimeline();
  const ran: string[] = [];
  timeline.at(5, (time) => {
    ran.push("first");
    timeline.at(time, () => ran.push("same moment"));
    timeline.at(time + 1, () => ran.push("later"));
  });
  timeline.runUntil(5);
  expect(ran).toEqual(["first", "same moment"]);
  timeline.runUntil(6);
  expect(ran).toEqual(["first", "same moment", "later"]);
});
