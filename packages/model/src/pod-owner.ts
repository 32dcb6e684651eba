// What Kubernetes draws random name parts from: no vowels, so that no words come out, and no 0, 1, 3,
// which look like letters (k8s.io/apimachinery, rand.SafeEncodeString).
const SAFE = "[bcdfghjklmnpqrstvwxz2456789]";

/**
 * Takes a pod's name apart by the rules that controllers make it by; group 1 is the name of the
 * workload. Of a ReplicaSet `<deployment>-<template hash>-<random>`, of a CronJob
 * `<cron job>-<minutes since 1970>-<random>`, of a DaemonSet or Job `<name>-<random>`, of a
 * StatefulSet `<name>-<ordinal>`. RE2 and JavaScript understand it alike: the store folds by the same text.
 */
export const POD_OWNER_PATTERN = `^([a-z0-9][-a-z0-9.]*?)(?:(?:-${SAFE}{6,10}|-[0-9]{8,10})?-${SAFE}{5}|-(?:0|[1-9][0-9]{0,9}))$`;

const POD_OWNER = new RegExp(POD_OWNER_PATTERN);

/**
 * The workload that a pod's name tells of, "" when it tells of none. Hubble knows the workloads of
 * the node's own pods only; of a pod on another node it has nothing but the name.
 */
export function podOwner(pod: string): string {
  return POD_OWNER.exec(pod)?.[1] ?? "";
}
