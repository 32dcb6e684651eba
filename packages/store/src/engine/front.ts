import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Session } from "chdb";
import { describeError } from "./errors.js";
import { bodyOf, readText, withAnswerFile, withBodyFile } from "./insert-body.js";
import { isAuthorized, parseRequest, type FrontRequest, type Login } from "./request.js";
import { FrontError, type EngineSession, type SessionPool } from "./sessions.js";
import {
  isFile,
  isSelect,
  isStreamable,
  quote,
  splitFormat,
  splitInsert,
  statementKind,
} from "./sql-text.js";

export interface FrontParts {
  login: Login;
  inserts: SessionPool;
  queries: SessionPool;
  /** Never leased: kills what others run. */
  control: EngineSession;
  /** Folder for the bodies of inserts. */
  temp: string;
  version: string;
}

/** Statements may be long (a list of ids), rows may not come this way. */
const STATEMENT_BYTES = 64 * 1024 * 1024;

/** Parameters of a query stand in the address of the request; a server takes as much (http_max_uri_size). */
const ADDRESS_BYTES = 1024 * 1024;

/**
 * The part of ClickHouse's HTTP interface that @clickhouse/client uses, before the
 * embedded engine: the same client code speaks to it and to a real server.
 */
export function createFront(parts: FrontParts): Server {
  const server = createServer({ maxHeaderSize: ADDRESS_BYTES }, (request, response) => {
    answer(parts, request, response).catch((error: unknown) => fail(response, error));
  });
  server.keepAliveTimeout = 30_000;
  server.requestTimeout = 0;
  return server;
}

async function answer(
  parts: FrontParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "/").split("?")[0];
  response.setHeader("X-ClickHouse-Server-Display-Name", "dropscope");
  if (path === "/ping") {
    response.end("Ok.\n");
    return;
  }
  // For whoever watches over the engine: it tells no more than that it works.
  if (path === "/alive") {
    response.end(JSON.stringify({ insertMs: parts.inserts.longestMs() }));
    return;
  }
  if (!isAuthorized(request, parts.login))
    throw new FrontError(
      516,
      "AUTHENTICATION_FAILED",
      "Authentication failed: password is incorrect, or there is no user with such name",
    );
  if (path !== "/") {
    response.writeHead(404).end(`There is no handle ${path}\n`);
    return;
  }
  const asked = parseRequest(request, randomUUID);
  response.setHeader("X-ClickHouse-Query-Id", asked.id.replaceAll(/[^\w.-]/g, ""));
  response.setHeader("X-ClickHouse-Timezone", "UTC");
  if (asked.query === "" && request.method === "GET") {
    response.end("Ok.\n");
    return;
  }
  if (asked.query !== "" && statementKind(asked.query) === "insert" && splitInsert(asked.query))
    return insertRows(parts, asked, asked.query, bodyOf(request), response);
  const body = await readText(bodyOf(request), STATEMENT_BYTES);
  if (asked.query === "" || body.length === 0)
    return statement(parts, asked, asked.query === "" ? body : Buffer.from(asked.query), response);
  return statement(parts, asked, Buffer.concat([Buffer.from(`${asked.query}\n`), body]), response);
}

async function statement(
  parts: FrontParts,
  asked: FrontRequest,
  text: Buffer,
  response: ServerResponse,
): Promise<void> {
  const sql = text.toString("utf8");
  const kind = statementKind(sql);
  if (kind !== "read" && asked.readonly)
    throw new FrontError(164, "READONLY", "Cannot execute query in readonly mode");
  if (kind === "insert") {
    // The rows may follow the statement in one body: `INSERT … FORMAT x\n<rows>`.
    const head = /^[^;]*?\bFORMAT[ \t]+(?!VALUES\b)\w+[ \t]*\r?\n/i.exec(
      text.toString("latin1"),
    )?.[0];
    if (head !== undefined && !/\bSELECT\b|\bVALUES\b/i.test(head))
      return insertRows(parts, asked, head, text.subarray(head.length), response);
    return finish(parts, asked, sql, parts.inserts, response);
  }
  return finish(parts, asked, sql, parts.queries, response);
}

async function insertRows(
  parts: FrontParts,
  asked: FrontRequest,
  sql: string,
  body: Parameters<typeof withBodyFile>[1],
  response: ServerResponse,
): Promise<void> {
  if (asked.readonly) throw new FrontError(164, "READONLY", "Cannot insert in readonly mode");
  const insert = splitInsert(sql);
  if (!insert) throw new FrontError(62, "SYNTAX_ERROR", "INSERT without FORMAT");
  await withBodyFile(parts.temp, body, (path) =>
    finish(
      parts,
      asked,
      `${insert.head} SELECT * FROM file(${quote(path)}, ${quote(insert.format)})`,
      parts.inserts,
      response,
    ),
  );
}

/** Runs a statement and writes its answer; the statement is killed when the client goes away. */
async function finish(
  parts: FrontParts,
  asked: FrontRequest,
  sql: string,
  pool: SessionPool,
  response: ServerResponse,
): Promise<void> {
  // Stands before the statement, where the list of running ones shows it.
  const mark = `/*${randomUUID()}*/`;
  const gone = new AbortController();
  const onClose = (): void => {
    if (response.writableFinished) return;
    gone.abort();
    // An insert goes on, as it does on a server: half of one helps nobody.
    if (pool === parts.queries)
      parts.control
        .command(`KILL QUERY WHERE startsWith(query, ${quote(mark)}) ASYNC`)
        .catch(() => {});
  };
  response.on("close", onClose);
  const { sql: text, format } = splitFormat(sql);
  const bare = pool === parts.queries ? `${mark} ${text}` : text;
  const wanted = format ?? asked.format ?? "TabSeparated";
  response.setHeader("X-ClickHouse-Format", wanted);
  const run = (work: (chdb: Session) => Promise<void>): Promise<void> =>
    pool.lease(gone.signal, asked.around, (session) =>
      session.run(sql, asked.around, async (chdb) => {
        if (gone.signal.aborted && pool === parts.queries) return;
        await work(chdb);
      }),
    );
  try {
    if (isSelect(sql) && isFile(wanted)) {
      // The session is free for others while a slow reader takes the file.
      await withAnswerFile(parts.temp, response, (path) =>
        run(async (chdb) => {
          const into = `file(${quote(path)}, ${quote(wanted)})`;
          await chdb.queryAsync(`${mark} INSERT INTO FUNCTION ${into} ${text}`);
        }),
      );
      return;
    }
    await run(async (chdb) => {
      if (isSelect(sql) && isStreamable(wanted)) {
        const stream = chdb.queryStream(bare, { format: wanted, signal: gone.signal });
        const tag = randomUUID().replaceAll("-", "").slice(0, 16);
        response.setHeader("X-ClickHouse-Exception-Tag", tag);
        await pour(stream, response, gone.signal, tag);
        return;
      }
      const result = await chdb.queryAsync(bare, { format: wanted });
      const summary = {
        read_rows: String(result.rowsRead),
        read_bytes: String(result.bytesRead),
        written_rows: "0",
        written_bytes: "0",
        total_rows_to_read: "0",
        result_rows: String(result.rowsRead),
        result_bytes: String(result.bytesRead),
        elapsed_ns: String(Math.round(result.elapsed * 1e9)),
      };
      response.setHeader("X-ClickHouse-Summary", JSON.stringify(summary));
      response.end(result.bytes());
    });
  } finally {
    response.off("close", onClose);
  }
}

/** The headers leave with the first piece, so that an error before it still gets its status. */
async function pour(
  stream: AsyncIterable<{ raw(): Uint8Array }>,
  response: ServerResponse,
  gone: AbortSignal,
  tag: string,
): Promise<void> {
  try {
    await pieces(stream, response, gone);
  } catch (error) {
    if (!response.headersSent) throw error;
    // Part of the answer is out: ClickHouse (25.11 and newer) says so at the end of the stream.
    const { text } = describeError(error);
    const mark = "\r\n__exception__\r\n";
    response.write(`${mark}${tag}\n${text}${Buffer.byteLength(text)} ${tag}${mark}`, () =>
      setImmediate(() => response.destroy()),
    );
    return;
  }
  response.end();
}

async function pieces(
  stream: AsyncIterable<{ raw(): Uint8Array }>,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  for await (const piece of stream) {
    if (gone.aborted) return;
    if (response.write(piece.raw())) continue;
    await new Promise<void>((resolve) => {
      const on = (): void => {
        response.off("drain", on);
        response.off("close", on);
        resolve();
      };
      response.on("drain", on);
      response.on("close", on);
    });
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    // Part of the answer is out: a cut connection is the only way left to say "not whole".
    response.destroy();
    return;
  }
  const { code, status, text } = describeError(error);
  response.setHeader("X-ClickHouse-Exception-Code", String(code));
  response.writeHead(status, { "Content-Type": "text/plain; charset=UTF-8" });
  response.end(text);
}
