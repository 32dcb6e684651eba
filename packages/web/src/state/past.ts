/** Whether the page shows the past: a moment or a range of it, not a time that ends now. */
import { computed } from "@preact/signals";
import { range } from "./nav.js";

export const isPast = computed(() => range.value.kind === "at" || range.value.kind === "between");
