import { fileURLToPath } from "node:url";
import {
  coverageOf,
  dropAt,
  explanationAt,
  problemAt,
  serveDashboard,
} from "@dropscope/dashboard/testing";
import type { ServedDashboard } from "@dropscope/dashboard/testing";
import type { Problem } from "@dropscope/model";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { contrasts } from "../kit/contrast.js";

const DIST = fileURLToPath(new URL("../../packages/web/dist/", import.meta.url));

const EGRESS = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: checkout-egress
  namespace: web
spec:
  podSelector:
    matchLabels:
      app: checkout
  policyTypes: [Egress]
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: cart
      ports:
        - protocol: TCP
          port: 8080
`;
const POLICY = { kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" } as const;

/** The list and the page of one problem, on the real server; what the correlator knows is in memory. */
describe("problems", () => {
  let browser: Browser;
  let served: ServedDashboard;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    served = await serveDashboard({ webDir: DIST });
    watched = await openPage(browser, served.url, {
      expected: /status of (404|503)|WebSocket|ERR_CONNECTION/,
    });
    ({ page } = watched);
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await served.close();
  });

  const rows = (): Promise<string[]> => page.locator(".problem-path").allTextContents();

  function add(change: Partial<Problem> = {}): Problem {
    const problem = problemAt(Date.now(), change);
    served.knowledge.stored.problems.push(problem);
    return problem;
  }

  /** The DNS of checkout, with a flow and a policy, so that an edit can be tried out. */
  function addDns(): Problem {
    const now = Date.now();
    const flow = dropAt(now - 2000, {
      l4: { UDP: { source_port: 40_000, destination_port: 53 } },
      source: {
        namespace: "web",
        pod_name: "checkout-7d4b9c6f5-abcde",
        identity: 1001,
        labels: ["k8s:app=checkout", "k8s:io.kubernetes.pod.namespace=web"],
      },
      destination: {
        namespace: "kube-system",
        pod_name: "coredns-5d78c9869d-xyz12",
        identity: 1002,
        labels: [
          "k8s:k8s-app=kube-dns",
          "k8s:io.kubernetes.pod.namespace=kube-system",
          "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=kube-system",
          "k8s:io.cilium.k8s.policy.cluster=default",
        ],
      },
    });
    served.reader.land([flow]);
    served.knowledge.addManifests(EGRESS);
    const explanation = explanationAt(now - 2000, {
      nearest: {
        policy: "web/checkout-egress",
        rule: "spec.egress[0]",
        failed: [{ part: "port", wanted: "TCP 8080", got: "UDP 53" }],
      },
      places: [
        { policy: POLICY, path: "spec.podSelector", source: "", role: "isolates" },
        { policy: POLICY, path: "spec.egress[0].ports[0]", source: "", role: "nearest" },
      ],
    });
    const uuid = flow.uuid ?? "";
    const problem = add({ explanation, samples: [uuid] });
    served.knowledge.stored.explanations.set(uuid, { explanation, problem: problem.id });
    const minute = Math.floor(now / 60_000) * 60_000;
    served.knowledge.stored.minutes.set(problem.id, new Map([[minute, 120]]));
    return problem;
  }

  it("are the first thing one sees, new ones enter by themselves, and the tab counts them", async () => {
    add();
    await page.goto(served.url);
    await expect.poll(rows).toEqual(["web/checkout → kube-system/coredns :53/UDP"]);
    expect(await page.locator("h1").textContent()).toContain("1 problem is going on, 1 new.");
    await expect.poll(() => page.title()).toBe("1 new problem · dropscope");
    const pressing = add({
      rate: 900,
      destination: { kind: "workload", namespace: "payments", name: "api" },
      protocol: "TCP",
      port: 8443,
    });
    await expect.poll(rows).toHaveLength(2);
    expect((await rows())[0]).toBe("web/checkout → payments/api :8443/TCP");
    await expect.poll(() => page.title()).toBe("2 new problems · dropscope");
    // A row is told anew in place.
    const at = served.knowledge.stored.problems.indexOf(pressing);
    served.knowledge.stored.problems[at] = { ...pressing, count: 4711 };
    await expect
      .poll(() => page.locator(".problem td[data-label=Drops]").first().textContent())
      .toBe("4,711");
    served.knowledge.stored.problems.pop();
    await expect.poll(rows).toHaveLength(1);
  });

  it("stand still under the pointer, and p holds them and counts what waits", async () => {
    add({ rate: 1 });
    await page.goto(served.url);
    await expect.poll(rows).toHaveLength(1);
    await page.locator(".problem").first().hover();
    add({ rate: 9000, destination: { kind: "ip", namespace: "", name: "1.2.3.4" } });
    await expect.poll(rows).toHaveLength(2);
    expect((await rows())[0]).toContain("coredns");
    await page.mouse.move(5, 5);
    await expect.poll(async () => (await rows())[0]).toContain("1.2.3.4");
    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Paused" }).waitFor();
    add({ destination: { kind: "ip", namespace: "", name: "5.6.7.8" } });
    await page.getByRole("button", { name: "1 waiting" }).waitFor();
    expect(await rows()).toHaveLength(2);
    await page.keyboard.press("p");
    await expect.poll(rows).toHaveLength(3);
  });

  it("words and flags narrow the list; a wrong flag is marked and changes nothing", async () => {
    add();
    add({ destination: { kind: "workload", namespace: "payments", name: "api" }, port: 8443 });
    await page.goto(served.url);
    await expect.poll(rows).toHaveLength(2);
    await page.keyboard.press("/");
    await page.keyboard.type("payments");
    await page.keyboard.press("Enter");
    await expect.poll(rows).toEqual(["web/checkout → payments/api :8443/UDP"]);
    await page.locator("#filter").fill("--to-port 53");
    await page.keyboard.press("Enter");
    await expect.poll(rows).toEqual(["web/checkout → kube-system/coredns :53/UDP"]);
    await page.locator("#filter").fill("--to-prt 53");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await page.locator(".filter-ghost mark").textContent()).toContain("--to-prt");
    expect(await rows()).toHaveLength(1);
  });

  it("one page says why, what came nearest, and offers an edit that was tried out", async () => {
    addDns();
    await page.goto(served.url);
    await page.locator(".problem-link").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".story canvas").waitFor();
    expect(await page.locator("h1").textContent()).toContain("web/checkout may not reach");
    const nearest = page.getByRole("region", { name: "The nearest miss" });
    expect(await nearest.textContent()).toContain("TCP 8080");
    expect(await nearest.textContent()).toContain("UDP 53");
    const policy = page.getByRole("region", { name: "YAML of web/checkout-egress" });
    expect(await policy.locator(".role-isolates code").allTextContents()).toContain(
      "  podSelector:",
    );
    expect(await policy.locator(".marked.role-nearest code").allTextContents()).toEqual([
      "        - protocol: TCP",
      "          port: 8080",
    ]);
    expect(await policy.textContent()).toContain("wanted TCP 8080, got UDP 53");

    await watched.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the patch" }).click();
    const patch = await page.evaluate(() => navigator.clipboard.readText());
    expect(patch).toContain("+++ b/checkout-egress.yaml");
    expect(patch).toContain("+              k8s-app: kube-dns");

    await page.getByRole("button", { name: "Open this flow" }).click();
    const drawer = page.locator(".drawer");
    await drawer.getByText("In one sentence").waitFor();
    expect(await drawer.textContent()).toContain("web/checkout may not reach");
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(rows).toHaveLength(1);
    await page.goBack();
    await page.locator(".story").waitFor();
  });

  it("the link of a problem opens it in a fresh tab; one that is gone says so", async () => {
    const { id } = addDns();
    await page.goto(`${served.url}/?item=${id}`);
    await page.locator(".story").waitFor();
    await page.goto(`${served.url}/?item=0123456789abcdef`);
    expect(await page.getByRole("alert").textContent()).toContain("PROBLEM_NOT_FOUND");
  });

  it("an empty list says why and what next; a resolved one stands below", async () => {
    await page.goto(served.url);
    await page.getByText("No problem is going on.").waitFor();
    expect(await page.locator(".empty").textContent()).toContain("Watch the flows");
    add({ state: "resolved", rate: 0 });
    await page.getByRole("region", { name: "Resolved in the last 24 hours" }).waitFor();
    expect(await page.locator("h1").textContent()).toContain("No problem is going on.");
  });

  it("calm is not claimed while nodes are missing", async () => {
    served.setCoverage(coverageOf({ nodes: { connected: 2, total: 3, unavailable: ["n3"] } }));
    await page.goto(served.url);
    await page.getByText("but not every node is seen right now").waitFor();
    await page.locator("button.cover", { hasText: "2 of 3 nodes" }).waitFor();
  });

  it("a store that is away and a server that is away leave the last list, and say so", async () => {
    add();
    await page.goto(served.url);
    await expect.poll(rows).toHaveLength(1);
    served.knowledge.fault = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    await page.getByText("This is the last list.").waitFor();
    expect(await rows()).toHaveLength(1);
    expect(await page.locator(".overview.old").count()).toBe(1);
    served.knowledge.fault = undefined;
    await expect.poll(() => page.locator(".overview.old").count(), { timeout: 15_000 }).toBe(0);
    await served.dashboard.stop(500);
    await page.getByText(/Not connected since/).waitFor();
    expect(await rows()).toHaveLength(1);
    expect(await page.title()).toBe("not connected · dropscope");
  });

  it("a past range is a question of its own, and comes back from its link", async () => {
    add({ firstSeen: "2026-01-01T10:00:00Z", lastSeen: "2026-01-01T11:00:00Z", state: "resolved" });
    await page.goto(`${served.url}/?from=2026-01-01T09:00:00Z&to=2026-01-01T12:00:00Z`);
    await expect.poll(rows).toHaveLength(1);
    expect(await page.locator("h1").textContent()).toMatch(/1 problem between /);
    await page.keyboard.press("l");
    await expect.poll(rows).toHaveLength(0);
  });

  it("numbers lead to the places", async () => {
    await page.goto(served.url);
    for (const [key, name] of [
      ["2", "Live"],
      ["3", "Map"],
      ["4", "DNS"],
      ["5", "Policies"],
      ["1", "Problems"],
    ]) {
      await page.keyboard.press(key as string);
      await expect
        .poll(() => page.locator(".place.on > span:not(.badge)").first().textContent())
        .toBe(name);
    }
  });

  it.each(["light", "dark"] as const)(
    "every text has a contrast of 4.5 or more (%s)",
    async (colorScheme) => {
      const { id } = addDns();
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const path of ["/", `/?item=${id}`]) {
        await page.goto(served.url + path);
        await page.locator(".problem, .story").first().waitFor();
        expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      }
    },
  );

  it("at 390 px the list is cards, the rail a bar below, and nothing is cut off sideways", async () => {
    const { id } = addDns();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ["/", `/?item=${id}`]) {
      await page.goto(served.url + path);
      await page.locator(".problem, .story").first().waitFor();
      expect(
        await page.locator(".main").evaluate((main) => main.scrollWidth <= main.clientWidth),
      ).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
    expect((await page.locator(".rail").boundingBox())?.y).toBeGreaterThan(750);
  });
});
