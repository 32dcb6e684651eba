import type { Clock, Part } from "@dropscope/model";
import { type Profile, type ProfileName, PROFILES } from "@dropscope/policy";
import { type JudgedBy, readJudgedBy, type StoreClient } from "@dropscope/store";
import type { LoadedConfig } from "../config/load.js";
import type { Config } from "../config/settings.js";

/** The data plane that the settings name. */
export function profileFor(config: Pick<Config, "profile">, cluster: string): Profile {
  return { ...PROFILES[config.profile as ProfileName], cluster };
}

/** What a process that has no correlator judges by: what is said on its line, else what the correlator of the store says. */
export interface StoredProfile extends Part {
  profile(): Profile;
  /** The same after a look at the store; needs no start. */
  known(): Promise<Profile>;
}

/** Before a correlator was there, and after: it may be another one with other settings. */
const LOOK_MS = { first: 5_000, later: 60_000 };

export function createStoredProfile(wiring: {
  readonly loaded: LoadedConfig;
  readonly client: StoreClient;
  readonly clock: Clock;
  /** Called when it is another one than before. */
  readonly onChange?: (profile: Profile) => void;
}): StoredProfile {
  const { loaded, client, clock } = wiring;
  const stopping = new AbortController();
  let known: JudgedBy | undefined;
  let looking: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;

  function profile(): Profile {
    const { config, origins } = loaded;
    const isNamed = origins["profile"] !== "default";
    const name = isNamed || known === undefined ? config.profile : known.profile;
    const clusterNamed = origins["cluster-name"] !== "default";
    return profileFor(
      { profile: Object.hasOwn(PROFILES, name) ? name : config.profile },
      clusterNamed || known === undefined ? config["cluster-name"] : known.cluster,
    );
  }

  async function ask(): Promise<void> {
    // A store that is away says so elsewhere; what was known stays.
    const found = await readJudgedBy(client, { signal: stopping.signal }).catch(() => undefined);
    const before = JSON.stringify(profile());
    known = found ?? known;
    if (JSON.stringify(profile()) !== before) wiring.onChange?.(profile());
  }

  async function look(): Promise<void> {
    await ask();
    if (stopping.signal.aborted) return;
    cancel = clock.after(known === undefined ? LOOK_MS.first : LOOK_MS.later, () => {
      looking = look();
    });
  }

  return {
    profile,
    async known() {
      await ask();
      return profile();
    },
    start() {
      looking = look();
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      cancel();
      await looking;
    },
  };
}
