import { expect, test } from "vitest";
import { openApi } from "./openapi.js";
import { API_ROUTES, CHANGE_ROUTES } from "./routes.js";

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, { schema: { required: string[] } }> };
  responses: Record<string, unknown>;
}

interface Document {
  openapi: string;
  paths: Record<string, { get?: Operation; put?: Operation; delete?: Operation }>;
  components: { schemas: Record<string, unknown>; responses: Record<string, unknown> };
}

const document = openApi([...API_ROUTES, ...CHANGE_ROUTES], "0.1.0") as unknown as Document;

test("every route is described, with every parameter", () => {
  const changed = new Set(CHANGE_ROUTES.map(({ path }) => path));
  expect(Object.keys(document.paths)).toHaveLength(API_ROUTES.length + changed.size);
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

test("what changes something is described with what is sent", () => {
  const { put, delete: remove } = document.paths["/api/v1/views/{name}"] ?? {};
  expect(put?.operationId).toBe("saveView");
  expect(put?.parameters.map(({ name }) => name)).toEqual(["name"]);
  const { schema } = put?.requestBody?.content["application/json"] ?? {};
  expect(schema?.required).toEqual(["place", "filter", "since", "until"]);
  expect(remove?.operationId).toBe("deleteView");
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
