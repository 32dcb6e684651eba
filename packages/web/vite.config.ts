import { defineConfig } from "vite";

// No plugin: JSX is compiled by vite itself, and nothing is inlined into the
// HTML, because the page runs under `script-src 'self'; style-src 'self'`.
export default defineConfig({
  // Relative, so that the page also works below a path of an ingress.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // Assets as data: URLs would need a wider policy for styles and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    // `npm run dev -w @dropscope/web` beside a running `npm start`.
    proxy: {
      "/api": "http://127.0.0.1:8080",
      "/socket.io": { target: "ws://127.0.0.1:8080", ws: true },
    },
  },
});
