// `node unzip.mjs -Z1 FILE` and `node unzip.mjs -p FILE NAME`, as unzip: for machines that have none.
import { text } from "node:stream/consumers";
import { openPromise } from "yauzl";

const [flag, file, name] = process.argv.slice(2);
const zip = await openPromise(file);
for await (const entry of zip.eachEntry())
  if (flag === "-Z1") process.stdout.write(`${entry.fileName}\n`);
  else if (entry.fileName === name)
    process.stdout.write(await text(await zip.openReadStreamPromise(entry)));
