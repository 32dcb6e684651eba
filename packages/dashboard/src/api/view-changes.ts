import { cleanText, type SavedViewsAnswer } from "@dropscope/model";
import { z } from "zod";
import { Problem } from "../problem.js";
import { parseProblemFilter } from "../problems/filter.js";
import { parseFilter } from "../query/filter.js";
import { parseRange } from "../query/range.js";
import { MAX_FILTER } from "./inputs.js";
import { type ApiContext, type ApiRoute, route } from "./route.js";
import { SavedViewsSchema } from "./schemas.js";

const name = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(80, "must be 80 characters at most")
  .refine((text) => cleanText(text, 80) === text, "must be plain text")
  .describe("name of the view");

const time = z.string().max(64);

const SaveViewInput = z.strictObject({
  name,
  place: z
    .string()
    .regex(/^[a-z-]{1,20}$/, "must be the name of a place")
    .describe("`problems`, whose filter may have words, or any other place of the page"),
  filter: z.string().max(MAX_FILTER).describe("the line as it is typed"),
  since: time.describe("as for flows; both times empty: live; only an end: as of then"),
  until: time.describe("as for flows; empty: now"),
});

/** Saving and deleting the viewer's own views. */
export const VIEW_CHANGES: readonly ApiRoute[] = [
  route({
    change: "put",
    path: "/views/:name",
    name: "saveView",
    summary: "Saves a filter, its place and its range, in place of the view that has the name",
    input: SaveViewInput,
    answer: SavedViewsSchema,
    asksStore: true,
    async answerTo(view, context) {
      const { clock, limits, knowledge, viewer } = context;
      // A view that cannot be shown again is not kept.
      if (view.place === "problems") parseProblemFilter(view.filter);
      else parseFilter(view.filter);
      const asked = { since: view.since || undefined, until: view.until || undefined };
      if (view.since !== "" || view.until !== "") parseRange(asked, clock.now(), limits);
      const { since, until } = { since: moment(view.since), until: moment(view.until) };
      await knowledge.saved.save(viewer.name, { ...view, since, until });
      return views(context);
    },
  }),
  route({
    change: "delete",
    path: "/views/:name",
    name: "deleteView",
    summary: "Deletes a saved view of the viewer",
    input: z.strictObject({ name }),
    answer: SavedViewsSchema,
    asksStore: true,
    async answerTo(view, context) {
      if (await context.knowledge.saved.remove(context.viewer.name, view.name))
        return views(context);
      throw new Problem(
        404,
        "VIEW_NOT_FOUND",
        "There is no saved view of that name.",
        "GET /api/v1/views lists those that there are.",
      );
    },
  }),
];

/** Numbers mean ms here and seconds on the command line: a view holds neither. */
function moment(text: string): string {
  return /^\d+$/.test(text) ? new Date(Number(text)).toISOString() : text;
}

async function views({ knowledge, viewer, signal }: ApiContext): Promise<SavedViewsAnswer> {
  return { views: await knowledge.saved.list(viewer.name, signal) };
}
