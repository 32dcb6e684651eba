// How the product's process is started so that it stays small. Batches of flows come and go by
// the megabyte on two threads: without these, glibc keeps an arena a thread and the freed
// batches in them, and V8 lets its young generation grow to 48 MiB a thread. Measured by
// `npm run bench -- ingest`: 50 MB less, at the same rate. The Dockerfile sets the same. Whoever
// runs `correlate` as a process of its own leaves the young generation as it is: thousands of
// drops a second are a third cheaper with it, and nothing of them stays (`bench -- correlator`).
export const LEAN_FLAGS = ["--max-semi-space-size=2"];
export const LEAN_ENV = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
};
