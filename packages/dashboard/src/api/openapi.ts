import { z } from "zod";
import { type ApiRoute, takesBody } from "./route.js";
import { ErrorSchema } from "./schemas.js";

type Json = Record<string, unknown>;

/** Statuses that any route may answer with; those of the store only where it is asked. */
const ERRORS: Readonly<Record<string, string>> = {
  400: "A parameter is wrong",
  403: "Asked by a page of another site, or not by the dashboard's own page where it changes something",
  404: "Not stored, or not yours to see",
  421: "The Host header is not a name of this server",
  422: "Too broad: narrow the range or the filter",
  429: "Asked too often; Retry-After says when to come back",
  500: "An error of the server",
  503: "The store cannot be reached",
};
const STORE_ERRORS = new Set(["422", "429", "503"]);

/** OpenAPI 3.1 from the schemas that the server itself uses. */
export function openApi(routes: readonly ApiRoute[], version: string): Json {
  const schemas: Json = {};
  const paths: Json = {};
  const responses = errorResponses(schemas);
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...(paths[path] as Json), [route.change ?? "get"]: operation(route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "dropscope",
      version,
      description: "History and state of flows. Live data comes by Socket.IO; see docs/api.md.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: { responses, schemas: sortKeys(schemas) },
  };
}

function operation(route: ApiRoute, schemas: Json): Json {
  const errors = Object.keys(ERRORS).filter((status) => {
    if (status === "404") return route.mayMiss === true || route.path.includes(":");
    return route.asksStore || !STORE_ERRORS.has(status);
  });
  return {
    operationId: route.name,
    summary: route.summary,
    parameters: parameters(route).filter((one) => !takesBody(route) || one["in"] === "path"),
    ...(takesBody(route) ? { requestBody: bodyOf(route) } : {}),
    responses: {
      200: { description: "The answer", content: contentOf(route, schemas) },
      ...Object.fromEntries(
        errors.map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

function contentOf(route: ApiRoute, schemas: Json): Json {
  if (route.types === undefined) return json(describe(route.answer, schemas));
  return Object.fromEntries(route.types.map((type) => [type, {}]));
}

function errorResponses(schemas: Json): Json {
  const content = json(describe(ErrorSchema, schemas));
  return Object.fromEntries(
    Object.entries(ERRORS).map(([status, description]) => [status, { description, content }]),
  );
}

function parameters(route: ApiRoute): Json[] {
  const input = z.toJSONSchema(route.input, { io: "input" });
  return Object.entries(input.properties ?? {}).map(([name, property]) => {
    const { description, ...schema } = property as Json;
    const inPath = route.path.includes(`:${name}`);
    return {
      name,
      in: inPath ? "path" : "query",
      required: inPath || (input.required ?? []).includes(name),
      description,
      schema,
    };
  });
}

/** What is sent: everything that does not stand in the path. */
function bodyOf(route: ApiRoute): Json {
  const input = z.toJSONSchema(route.input, { io: "input" });
  const inBody = (name: string): boolean => !route.path.includes(`:${name}`);
  const properties = Object.entries(input.properties ?? {}).filter(([name]) => inBody(name));
  return {
    required: true,
    content: json({
      type: "object",
      properties: Object.fromEntries(properties),
      required: (input.required ?? []).filter(inBody),
      additionalProperties: false,
    }),
  };
}

/** A schema as a reference; what it is made of goes to `schemas`. */
function describe(answer: z.ZodType, schemas: Json): unknown {
  const { $schema: _dialect, $defs, ...schema } = z.toJSONSchema(answer);
  for (const [name, definition] of Object.entries($defs ?? {})) {
    schemas[name] = rewriteRefs(definition);
  }
  return rewriteRefs(schema);
}

function rewriteRefs(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rewriteRefs);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) =>
    key === "$ref" && typeof value === "string"
      ? [key, value.replace("#/$defs/", "#/components/schemas/")]
      : [key, rewriteRefs(value)],
  );
  return Object.fromEntries(entries);
}

function json(schema: unknown): Json {
  return { "application/json": { schema } };
}

function sortKeys(object: Json): Json {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
