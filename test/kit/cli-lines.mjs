// Runs many lines of the built command in one process: a start costs more than most lines do.
// Standard input: a JSON list of lines (lists of words). Standard output: a JSON list of
// { code, out, err }, what each line returned and wrote.
import { text } from "node:stream/consumers";
import { main } from "../../packages/cli/dist/main.js";

const lines = JSON.parse(await text(process.stdin));
const say = process.stdout.write.bind(process.stdout);
const results = [];
for (const words of lines) {
  const result = { code: 0, out: "", err: "" };
  const take = (key) => (chunk) => {
    result[key] += chunk;
    return true;
  };
  process.stdout.write = take("out");
  process.stderr.write = take("err");
  result.code = await main(words, {});
  results.push(result);
}
say(JSON.stringify(results), () => process.exit());
