import { expect, test } from "vitest";
import { openApi } from "./openapi.js";
import { API_ROUTES } from "./routes.js";

interface Document {
  openapi: string;
  paths: Record<
    string,
    {
      get: {
        operationId: string;
        parameters: { name: string; in: string; description?: string }[];
        responses: Record<string, unknown>;
      };
    }
  >;
  components: { schemas: Record<string, unknown>; responses: Record<string, unknown> };
}

const document = openApi(API_ROUTES, "0.1.0") as unknown as Document;

test("every route is described, with every parameter", () => {
  expect(Object.keys(document.paths)).toHaveLength(API_ROUTES.length);
  for (const route of API_ROUTES) {
    const path = `/api/v1${route.path.replaceAll(/:(\w+)/g, "{$1}")}`;
    const operation = document.paths[path]?.get;
    expect(operation?.operationId).toBe(route.name);
    expect(operation?.parameters.map((parameter) => parameter.name)).toEqual(
      Object.keys(route.input.shape),
    );
    for (const parameter of operation?.parameters ?? []) {
      expect(parameter.description, `${path} ${parameter.name}`).toBeTruthy();
      expect(parameter.in).toBe(path.includes(`{${parameter.name}}`) ? "path" : "query");
    }
  }
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, to]) => to,
  );
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const [, kind, name = ""] =
      /^#\/components\/(schemas|responses)\/(\w+)$/.exec(reference ?? "") ?? [];
    const place = document.components[kind as "schemas" | "responses"] ?? {};
    expect(place, reference ?? "").toHaveProperty(name);
  }
});

test("openapi.json is this document (vitest -u writes it)", async () => {
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot("../../openapi.json");
});
