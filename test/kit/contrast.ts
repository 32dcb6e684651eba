import type { Page } from "playwright-core";

/** Contrast of every visible text on its background, by the WCAG formula; the worst first. */
export async function contrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = 1;
    canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true })!;
    const rgb = (colour: string): [number, number, number, number] => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      return [r ?? 0, g ?? 0, b ?? 0, (a ?? 0) / 255];
    };
    const light = (parts: readonly number[]): number => {
      const [r, g, b] = parts.map((part) => {
        const value = part / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
    };
    const behind = (element: Element | null): [number, number, number, number] => {
      for (let at = element; at; at = at.parentElement) {
        const colour = rgb(getComputedStyle(at).backgroundColor);
        if (colour[3] > 0.99) return colour;
      }
      return [255, 255, 255, 1];
    };
    // In a drawing what was painted last below the middle of the text is its background.
    const shapeBehind = (text: SVGElement): [number, number, number, number] => {
      const { left, top, width, height } = text.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      let colour = behind(text.closest("svg"));
      for (const shape of text.closest("svg")?.querySelectorAll("rect") ?? []) {
        if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
        const box = shape.getBoundingClientRect();
        const fill = rgb(getComputedStyle(shape).fill);
        const isUnder = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
        if (isUnder && fill[3] > 0.99) colour = fill;
      }
      return colour;
    };
    const found: { text: string; ratio: number }[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (
        !element ||
        text === "" ||
        element.closest(".sr, noscript, .filter-ghost, .toast, .skip, :disabled")
      )
        continue;
      if (!element.checkVisibility()) continue;
      const drawn = element instanceof SVGElement;
      const style = getComputedStyle(element);
      const front = light(rgb(drawn ? style.fill : style.color));
      const back = light(drawn ? shapeBehind(element) : behind(element));
      found.push({
        text: text.slice(0, 40),
        ratio: (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05),
      });
    }
    return found.sort((a, b) => a.ratio - b.ratio);
  });
}
