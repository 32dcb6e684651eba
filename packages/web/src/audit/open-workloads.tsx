import type { OpenWorkload, OpenWorkloadsAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count, plural } from "../lib/format.js";
import { podsFilter } from "../lib/peer.js";
import { Goto } from "../parts/goto.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { PeerName } from "../parts/text.js";
import type { Asked } from "../state/asked.js";
import { flags, needFlags } from "../state/flags.js";
import { Fold } from "./fold.js";
import { openText, unselectedText, workloadPeer } from "./words.js";

const FIRST = 20;

/** Workloads that no policy selects, and those that are open in one direction. */
export function OpenFold({ asked }: { asked: Asked<OpenWorkloadsAnswer> }) {
  const { answer, failure, loading, again } = asked;
  return (
    <Fold
      name="open"
      title="Pods no policy selects"
      total={answer?.counts.unselectedPods}
      wrong={false}
      note={answer ? unselectedText(answer) : ""}
      opened={false}
    >
      {answer ? (
        <Workloads answer={answer} />
      ) : failure && !loading ? (
        <ErrorBox error={failure} retry={again} />
      ) : (
        <Skeleton rows={3} label="Loading pods that no policy selects" />
      )}
    </Fold>
  );
}

function Workloads({ answer }: { answer: OpenWorkloadsAnswer }) {
  const all = useSignal(false);
  useEffect(needFlags, []);
  const { workloads, counts } = answer;
  const visible = all.value ? workloads : workloads.slice(0, FIRST);
  if (workloads.length === 0)
    return (
      <p class="pad dim">Policies restrict every known workload, for ingress and for egress.</p>
    );
  return (
    <>
      <table class="table cards open-table">
        <thead>
          <tr>
            <th scope="col">Workload</th>
            <th scope="col">Kind</th>
            <th scope="col">Policies</th>
            <th scope="col">Open for</th>
            <th scope="col" class="right">
              Pods
            </th>
          </tr>
        </thead>
        <tbody>
          {visible.map((one) => (
            <Row one={one} key={`${one.kind} ${one.namespace}/${one.name}`} />
          ))}
        </tbody>
      </table>
      {workloads.length > visible.length && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show {count(workloads.length)}
          </button>
        </p>
      )}
      {counts.workloads > workloads.length && all.value && (
        <p class="pad dim">
          {plural(counts.workloads - workloads.length, "more workload")}: the API pages further.
        </p>
      )}
    </>
  );
}

function Row({ one }: { one: OpenWorkload }) {
  const peer = workloadPeer(one);
  return (
    <tr>
      <td class="cell-main">
        <Goto to={{ place: "live", filter: podsFilter(peer, flags.value) }} class="row-link">
          <PeerName peer={peer} />
        </Goto>
      </td>
      <td data-label="Kind" class="dim">
        {one.kind}
      </td>
      <td data-label="Policies">
        {one.selected ? "select it" : <span class="warned">none selects it</span>}
      </td>
      <td data-label="Open for">{openText(one)}</td>
      <td data-label="Pods" class="right num">
        {count(one.pods)}
      </td>
    </tr>
  );
}
