import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSavedViews, MAX_SAVED_VIEWS } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const dataDir = mkdtempSync(join(tmpdir(), "dropscope-views-"));
let store: TestStore;

beforeAll(async () => {
  store = await startTestStore({ dataDir });
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const view = (name: string, filter = "--verdict DROPPED") => ({
  name,
  place: "live",
  filter,
  since: "1h",
  until: "",
});
const named = async (owner: string): Promise<string[]> =>
  (await createSavedViews(store.client).list(owner)).map(({ name }) => name);

describe("saved views", () => {
  test("each owner has its own, a name once, and hostile text is text", async () => {
    const views = createSavedViews(store.client, { clock: { now: () => 1_800_000_000_123 } });
    const hostile = 'it\'s \\ "quoted" {x:String} 漢字 \n --';
    await views.save("ann", view("b"));
    await views.save("ann", view("a", hostile));
    await views.save("bob", view("a", "--to-port 53"));
    await views.save("ann", view("b", "--to-port 80"));
    expect(await views.list("ann")).toEqual([
      { ...view("a", hostile), savedAt: 1_800_000_000_123 },
      { ...view("b", "--to-port 80"), savedAt: 1_800_000_000_123 },
    ]);
    expect(await views.remove("bob", "b")).toBe(false);
    expect(await views.remove("ann", "b")).toBe(true);
    expect(await named("ann")).toEqual(["a"]);
    expect(await named("bob")).toEqual(["a"]);
    expect(await named("' OR 1=1 --")).toEqual([]);
  });

  test("one that was deleted can be saved again", async () => {
    const views = createSavedViews(store.client);
    await views.save("cid", view("x"));
    await views.remove("cid", "x");
    expect(await named("cid")).toEqual([]);
    await views.save("cid", view("x", "--to-port 1"));
    expect(await views.list("cid")).toMatchObject([{ name: "x", filter: "--to-port 1" }]);
  });

  test(`${MAX_SAVED_VIEWS} are enough, and replacing one is no more`, async () => {
    const rows = Array.from({ length: MAX_SAVED_VIEWS }, (_, at) => ({
      owner: "dee",
      ...view(`view ${at}`),
      version: "1",
      deleted: 0,
      saved_at: "1700000000.000",
    }));
    await store.client.insertRows("saved_views", rows, "many");
    const views = createSavedViews(store.client);
    await expect(views.save("dee", view("one more"))).rejects.toMatchObject({ code: "VIEWS_FULL" });
    await views.save("dee", view("view 7", "--to-port 2"));
    expect((await views.list("dee")).find(({ name }) => name === "view 7")?.filter).toBe(
      "--to-port 2",
    );
  });

  test("they outlive the engine", async () => {
    const before = await createSavedViews(store.client).list("ann");
    expect(before).toHaveLength(1);
    await store.close();
    store = await startTestStore({ dataDir });
    expect(await createSavedViews(store.client).list("ann")).toEqual(before);
  });

  test("a store that does not let us write says what to do", async () => {
    await store.client.command("RENAME TABLE saved_views TO elsewhere");
    try {
      const client = {
        ...store.client,
        query: async () => [] as never[],
      };
      const saving = createSavedViews(client).save("ann", view("x"));
      await expect(saving).rejects.toMatchObject({ code: "VIEWS_NOT_KEPT" });
    } finally {
      await store.client.command("RENAME TABLE elsewhere TO saved_views");
    }
  });
});
