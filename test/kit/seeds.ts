import { configureGlobal } from "fast-check";

// Property tests draw the same cases on every run, so that a red build is about the change that
// is in it. `SEED=random` (or a number) explores; what it finds is added to the test as an example.
const seed = process.env["SEED"];
if (seed !== "random") configureGlobal({ seed: Number(seed ?? 20_261_122) });
