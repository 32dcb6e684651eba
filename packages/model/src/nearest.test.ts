import { expect, test } from "vitest";
import { nearest } from "./nearest.js";

const words = ["relay", "port", "from", "host", "tls-ca-cert-files", "verdict"];

test.each([
  ["prot", "port"],
  ["relya", "relay"],
  ["hosts", "host"],
  ["tls-ca-cert-file", "tls-ca-cert-files"],
  ["verdcit", "verdict"],
  ["relay", "relay"],
])("%s was meant to be %s", (word, meant) => expect(nearest(word, words)).toBe(meant));

test.each(["zebra-crossing", "xyzzy"])("%s is near nothing", (word) =>
  expect(nearest(word, words)).toBeUndefined(),
);
