import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChartModel, DropsChart } from "./drops-chart.js";

export interface MountedChart {
  /** For the canvas that the chart is drawn on. */
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly chart: RefObject<DropsChart | undefined>;
  /** The chart's code is there, and `chart` with it. */
  readonly loaded: Signal<boolean>;
  /** Of what the canvas stands in, px. */
  readonly width: Signal<number>;
}

/**
 * A chart for as long as its canvas is on the page; its code is loaded when the first one is.
 * @param isShown whether the canvas is rendered now
 * @param firstWidth px, until the page has measured it
 */
export function useDropsChart(isShown: boolean, firstWidth: number): MountedChart {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<DropsChart | undefined>(undefined);
  const loaded = useSignal(false);
  const width = useSignal(firstWidth);

  useEffect(() => {
    const place = canvas.current;
    if (!place || !isShown) return;
    let gone = false;
    void (async () => {
      const { mountDropsChart } = await import("./drops-chart.js");
      if (gone) return;
      chart.current = mountDropsChart(place);
      loaded.value = true;
    })();
    const watch = new ResizeObserver(([entry]) => {
      if (entry) width.value = entry.contentRect.width;
    });
    watch.observe(place.parentElement ?? place);
    return () => {
      gone = true;
      watch.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
      loaded.value = false;
    };
  }, [isShown, loaded, width]);

  return { canvas, chart, loaded, width };
}

/** A colour of the style sheet. */
export function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** What everything but the bars is drawn with, in dark (`d`) or light (`l`). */
export function chartInk(mode: "d" | "l"): ChartModel["ink"] {
  return {
    text: css(`--ink-${mode}-dim`),
    line: css(`--ink-${mode}-line`),
    surface: css(`--ink-${mode}-surface`),
    hatch: css(`--ink-${mode}-hatch`),
    accent: css(`--ink-${mode}-accent`),
  };
}
