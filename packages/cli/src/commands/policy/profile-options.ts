import { type Profile, PROFILES, type ProfileName } from "@dropscope/policy/profile";
import { Option } from "commander";

/**
 * Flags that say how policies are read and for which data plane they are judged.
 * @param profile judged for when none is named
 */
export function profileOptions(profile: ProfileName = "cilium"): Option[] {
  return [
    new Option("--namespace <NS>", "namespace of objects that name none").default("default"),
    new Option("--profile <NAME>", "data plane to judge for")
      .choices(Object.keys(PROFILES))
      .default(profile),
    new Option("--enforcement <MODE>", "which endpoints are enforced, as Cilium's enable-policy")
      .choices(["default", "always", "never"])
      .default("default"),
    new Option("--host-firewall", "policies with a nodeSelector take effect"),
    new Option("--cluster <NAME>", "name of the cluster that the policies are in").default(
      "default",
    ),
  ];
}

/** The profile that the flags of `profileOptions` ask for. */
export function profileOf(options: Readonly<Record<string, unknown>>): Profile {
  const base = PROFILES[options["profile"] as ProfileName];
  return {
    ...base,
    enforcement: options["enforcement"] as Profile["enforcement"],
    hostFirewall: options["hostFirewall"] === true || base.hostFirewall,
    cluster: options["cluster"] as string,
  };
}
