import { filterFlags } from "@dropscope/model";
import { completeProblem } from "../problems/complete.js";
import * as input from "./inputs.js";
import { type ApiRoute, route } from "./route.js";
import * as schema from "./schemas.js";

/** What the filter line needs: its flags, the values that fit, and views that the viewer has named. */
export const FILTER_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/complete",
    name: "complete",
    summary: "Values for completion, most frequent in the last day first",
    input: input.CompleteInput,
    answer: schema.CompleteSchema,
    asksStore: true,
    async answerTo({ what, prefix = "" }, { reader, knowledge, viewer, signal }) {
      if (what === "problem") return completeProblem(knowledge, prefix, viewer, signal);
      return { values: await reader.complete(what, prefix, viewer, signal) };
    },
  }),
  route({
    path: "/filters",
    name: "filters",
    summary: "The flags that a filter line may have",
    input: input.NoInput,
    answer: schema.FiltersSchema,
    asksStore: false,
    answerTo: async () => ({ flags: filterFlags() }),
  }),
  route({
    path: "/views",
    name: "views",
    summary: "The viewer's saved views, by name",
    input: input.NoInput,
    answer: schema.SavedViewsSchema,
    asksStore: true,
    answerTo: async (_asked, { knowledge, viewer, signal }) => ({
      views: await knowledge.saved.list(viewer.name, signal),
    }),
  }),
];
