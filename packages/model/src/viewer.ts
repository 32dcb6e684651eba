/**
 * Who asks. Every query takes a viewer, so that namespace scope is never added
 * later: a flow is visible when either end lies in a namespace of the viewer.
 */
export interface Viewer {
  name: string;
  namespaces: "all" | readonly string[];
  /** May see HTTP and DNS content. */
  seesL7: boolean;
}

/** The only viewer when authentication is off: the machine's own user, on loopback. */
export const LOCAL_VIEWER: Viewer = { name: "local", namespaces: "all", seesL7: true };

export function mayStartIn(viewer: Viewer, namespace: string): boolean {
  return viewer.namespaces === "all" || viewer.namespaces.includes(namespace);
}
