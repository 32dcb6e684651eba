import type { PolicyRow } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count, plural } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { useSteady } from "../lib/steady.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { Empty } from "../parts/states.js";
import { Ago, Mid } from "../parts/text.js";
import { go, view } from "../state/nav.js";
import {
  deniesText,
  dropRate,
  findingsText,
  findingTotal,
  matchesText,
  selectsText,
  shortKind,
  type Sort,
  sorted,
  SORTS,
} from "./words.js";

const FIND = "find:";
const BY = "by:";
const FIRST = 100;

function token(prefix: string): string {
  return view.value.show.find((each) => each.startsWith(prefix))?.slice(prefix.length) ?? "";
}

function setToken(prefix: string, value: string): void {
  const left = view.peek().show.filter((each) => !each.startsWith(prefix));
  go({ show: value === "" ? left : [...left, prefix + value] }, "replace");
}

/** The list; search, switches and order are in the URL. */
export function PolicyList({ rows }: { rows: readonly PolicyRow[] }) {
  const all = useSignal(false);
  const wanted = token(BY);
  const by: Sort = SORTS.find((each) => each === wanted) ?? "matters";
  const text = token(FIND).replaceAll(":", " ");
  const onlyDrops = view.value.show.includes("drops");
  const onlyFindings = view.value.show.includes("findings");
  const wantedRows = sorted(rows, by).filter(
    (row) =>
      (text === "" || matchesText(row, text)) &&
      (!onlyDrops || row.problems.length > 0) &&
      (!onlyFindings || findingTotal(row.findings) > 0),
  );
  const { items: found, hold } = useSteady(wantedRows, ({ policy }) => policyItem(policy));
  const visible = all.value ? found : found.slice(0, FIRST);
  return (
    <section class="panel" aria-label="Policies">
      <div class="panel-head list-tools">
        <Find text={text} />
        <Switch name="drops" on={onlyDrops} text="With drops" />
        <Switch name="findings" on={onlyFindings} text="With findings" />
        <span class="dim panel-note num" role="status">
          {found.length === rows.length
            ? plural(rows.length, "policy", "policies")
            : `${count(found.length)} of ${plural(rows.length, "policy", "policies")}`}
        </span>
      </div>
      {found.length === 0 && (
        <Empty title="No policy matches.">
          <p>
            <button type="button" class="button" onClick={() => go({ show: [] }, "replace")}>
              Show all
            </button>
          </p>
        </Empty>
      )}
      {found.length > 0 && (
        <table class="table cards policy-table">
          <thead>
            <tr>
              <Head by="name" on={by} text="Policy" order="ascending" />
              <th scope="col">Denies</th>
              <th scope="col">Selects</th>
              <th scope="col">Findings</th>
              <Head by="matters" on={by} text="Takes part in" order="descending" />
              <Head by="changed" on={by} text="Changed" order="descending" right />
            </tr>
          </thead>
          <tbody {...hold}>
            {visible.map((row) => (
              <Row row={row} key={policyItem(row.policy)} />
            ))}
          </tbody>
        </table>
      )}
      {found.length > visible.length && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(found.length)}
          </button>
        </p>
      )}
    </section>
  );
}

function Find({ text }: { text: string }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  return (
    <label class="find">
      <Icon name="filter" size={14} />
      <span class="sr">Find a policy by kind, namespace or name</span>
      <input
        type="search"
        placeholder="Find by kind, namespace or name"
        value={text}
        spellcheck={false}
        data-find
        onInput={(event) => {
          const value = event.currentTarget.value;
          clearTimeout(timer.current);
          // Colons stand for spaces in the URL: a name has neither.
          timer.current = setTimeout(
            () =>
              setToken(
                FIND,
                value
                  .trim()
                  .replaceAll(/\s+/g, ":")
                  .replaceAll(/[^\w.:-]/g, ""),
              ),
            120,
          );
        }}
      />
    </label>
  );
}

function Switch({ name, on, text }: { name: string; on: boolean; text: string }) {
  return (
    <button
      type="button"
      class={on ? "button on" : "button"}
      aria-pressed={on}
      onClick={() => {
        const show = view.peek().show;
        const next = on ? show.filter((each) => each !== name) : [...show, name];
        go({ show: next }, "replace");
      }}
    >
      {on && <Icon name="check" size={12} />}
      {text}
    </button>
  );
}

function Head(props: {
  by: Sort;
  on: Sort;
  text: string;
  order: "ascending" | "descending";
  right?: boolean;
}) {
  const on = props.on === props.by;
  return (
    <th scope="col" class={props.right ? "right" : ""} aria-sort={on ? props.order : "none"}>
      <button
        type="button"
        class={on ? "sort on" : "sort"}
        onClick={() => setToken(BY, props.by === "matters" ? "" : props.by)}
      >
        {props.text}
        <span aria-hidden="true">{on ? (props.order === "ascending" ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>
  );
}

function Row({ row }: { row: PolicyRow }) {
  const { policy, findings, problems } = row;
  const wrong = findings.error + findings.high > 0;
  const rate = dropRate(row.rate);
  return (
    <tr>
      <td class="cell-main">
        <Goto to={policyTarget(policy)} class="row-link">
          <span class="kind" title={safe(policy.kind, 80)}>
            {safe(shortKind(policy.kind), 40)}
          </span>
          <Mid
            lead={policy.namespace === "" ? undefined : `${safe(policy.namespace, 256)}/`}
            text={safe(policy.name, 256)}
          />
        </Goto>
      </td>
      <td data-label="Denies">{deniesText(row)}</td>
      <td data-label="Selects" class="num">
        {row.pods === 0 ? <span class="warned">{selectsText(row)}</span> : selectsText(row)}
      </td>
      <td data-label="Findings" class="num" title={findingsText(findings)}>
        {findingTotal(findings) === 0 ? (
          <span class="dim">–</span>
        ) : (
          <span class={wrong ? "strong" : ""}>{findingsText(findings, 2)}</span>
        )}
      </td>
      <td data-label="Takes part in" class="num">
        {problems.length === 0 ? (
          <span class="dim">–</span>
        ) : (
          <span class="part-in">
            <Verdict name="DROPPED" bare /> {plural(problems.length, "problem")}
            {rate !== "" && <span class="dim">{rate}</span>}
          </span>
        )}
      </td>
      <td data-label="Changed" class="right">
        {row.from === null ? <span class="dim">–</span> : <Ago at={row.from} />}
        {row.versions > 1 && <span class="dim num"> · {plural(row.versions, "version")}</span>}
      </td>
    </tr>
  );
}
