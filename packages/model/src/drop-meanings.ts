/** For people: what a drop reason means and what to look at next. By its number; a test checks that none is missing. */
export const DROP_MEANINGS: Readonly<Record<number, { meaning: string; next: string }>> = {
  0: {
    meaning:
      "The sender did not say why. L7 drops by the proxy and flows from old agents come without a reason.",
    next: "Look at the other events of the same connection, and at L7 rules for this destination.",
  },
  130: {
    meaning:
      "The source MAC address was not the one that the endpoint owns. Current versions do not check it.",
    next: "Check the version of the agent on this node.",
  },
  131: {
    meaning:
      "The destination MAC address was not that of the node. Current versions do not check it.",
    next: "Check the version of the agent on this node.",
  },
  132: {
    meaning:
      "The endpoint sent from an address that is not its own. Cilium refuses spoofed sources.",
    next: "Check whether the pod routes for others or uses a second interface; a VM or a router inside a pod does so.",
  },
  133: {
    meaning:
      "No policy allows this connection, and at least one policy selects the endpoint for this direction, so everything else is denied (default deny).",
    next: "Find the policies that select the endpoint in this direction, and compare peer, port and protocol with their rules.",
  },
  134: {
    meaning: "The packet was malformed: too short, or its headers contradict one another.",
    next: "Look for a broken sender, or for a device on the way that truncates packets.",
  },
  135: {
    meaning: "Connection tracking could not read the packet's headers.",
    next: "Look for fragmented or truncated packets and at the MTU on the way.",
  },
  136: {
    meaning: "The packet is larger than the next link carries and must not be fragmented.",
    next: "Compare the MTU of pods, tunnel and network; a tunnel takes 50 bytes or more.",
  },
  137: {
    meaning: "Connection tracking does not know this L4 protocol.",
    next: "Check which protocol the application uses; only TCP, UDP, ICMP and SCTP (if enabled) are tracked.",
  },
  138: {
    meaning:
      "Connection tracking could not make an entry for this packet. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  139: {
    meaning: "The packet is neither IPv4 nor IPv6, or that one is turned off in Cilium.",
    next: "Check whether IPv6 is enabled if the pod speaks it. A few of these at pod start are normal.",
  },
  140: {
    meaning:
      "A program of the datapath was missing for a moment, as happens while an endpoint is being regenerated.",
    next: "Short bursts around upgrades are normal; if it lasts, look at the agent's log for failed regenerations.",
  },
  141: {
    meaning: "The datapath could not change the packet, usually for lack of room in its buffer.",
    next: "Look at the agent and kernel versions of the node and report it to Cilium if it lasts.",
  },
  142: {
    meaning: "The L4 protocol is not supported where the packet was handled.",
    next: "Check which protocol the application uses, and whether SCTP support is turned on if it needs it.",
  },
  143: {
    meaning: "The node answers only some ICMPv4 messages itself, and not one with this code.",
    next: "See who sends it; it is harmless unless a tool depends on the answer.",
  },
  144: {
    meaning: "The node answers only some ICMPv4 messages itself, and not one of this type.",
    next: "See who sends it; it is harmless unless a tool depends on the answer.",
  },
  145: {
    meaning: "The node answers only some ICMPv6 messages itself, and not one with this code.",
    next: "See who sends it; it is harmless unless a tool depends on the answer.",
  },
  146: {
    meaning: "The node answers only some ICMPv6 messages itself, and not one of this type.",
    next: "See who sends it; it is harmless unless a tool depends on the answer.",
  },
  147: {
    meaning:
      "The packet came through the tunnel without the key that carries the sender's identity.",
    next: "Check that all nodes use the same tunnel protocol and port, and that nothing else sends to that port.",
  },
  148: {
    meaning: "Options of the tunnel could not be read. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  149: {
    meaning: "A Geneve option was not valid. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  150: {
    meaning: "The node was asked to resolve an address (ARP or NDP) that it does not answer for.",
    next: "Check routes and neighbours of the sender.",
  },
  151: {
    meaning:
      "The destination belonged to an endpoint that is gone, or the node has no route to it.",
    next: "Check whether the pod restarted: clients may hold the old address from DNS or a connection pool.",
  },
  152: {
    meaning:
      "No container of this node has the destination address. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  153: {
    meaning: "The L3 checksum could not be corrected after a change of addresses.",
    next: "Look at kernel and driver offload settings of the node, and report it to Cilium if it lasts.",
  },
  154: {
    meaning: "The L4 checksum could not be corrected after a change of addresses or ports.",
    next: "Look at kernel and driver offload settings of the node, and report it to Cilium if it lasts.",
  },
  155: {
    meaning: "The connection tracking table took no further entry: it is full.",
    next: "Raise the size of the conntrack maps (bpf-ct-global-tcp-max and its relatives) or find who opens so many connections.",
  },
  156: {
    meaning: "An IPv6 extension header was malformed or is not supported.",
    next: "See what the sender puts into its packets.",
  },
  157: {
    meaning: "The packet is a fragment, and fragment tracking is turned off.",
    next: "Turn on fragment tracking, or lower the packet size of the sender (often large DNS answers over UDP).",
  },
  158: {
    meaning: "The service has no ready backend that could take the connection.",
    next: "Check the endpoints of the service: pods not ready, a selector that matches nothing, or externalTrafficPolicy Local without a local pod.",
  },
  160: {
    meaning: "The datapath did not know through which tunnel to send the packet.",
    next: "Check that the agents of both nodes are healthy and know one another (cilium-dbg status, cilium-dbg bpf ipcache get).",
  },
  161: {
    meaning:
      "Translation between IPv4 and IPv6 was needed and is not enabled. Old versions meant a full proxy map.",
    next: "Check the address families of client and service.",
  },
  162: {
    meaning: "The pod sends faster than its bandwidth limit allows, and the queue is full.",
    next: "Check the annotation kubernetes.io/egress-bandwidth of the pod.",
  },
  163: {
    meaning: "The connection is in a state that the datapath does not know.",
    next: "Look at the agent's version and log; it should not happen.",
  },
  164: {
    meaning: "The node cannot reach its own host endpoint.",
    next: "Look at the agent's log and at cilium_host on the node.",
  },
  165: {
    meaning: "There was no configuration to decide by. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  166: {
    meaning: "The frame is not Ethernet with IP or ARP (for instance LLDP or spanning tree).",
    next: "Usually harmless background of the network.",
  },
  167: {
    meaning:
      "A packet came for an address and port of the node that is used for masquerading, and no connection belongs to it.",
    next: "Usually a late answer or a scan from outside; if connections break, check the size of the NAT map.",
  },
  168: {
    meaning:
      "Traffic of this protocol must be masqueraded to leave the cluster, and Cilium cannot do that.",
    next: "Only TCP, UDP, ICMP (and SCTP with limits) can be masqueraded; exclude the destination from masquerading.",
  },
  169: {
    meaning: "The kernel's routing table gave no way to the destination.",
    next: "Check routes and neighbours on the node (ip route get).",
  },
  170: {
    meaning:
      "A pod sent tunnel packets (VXLAN or Geneve) to the port of the cluster's own tunnel, which would let it forge identities.",
    next: "See what the pod does; move its tunnel to another port.",
  },
  171: {
    meaning: "The packet carries an identity that is not valid in this place.",
    next: "Common for a moment while pods start; if it lasts, check the agents on both nodes and the identity store.",
  },
  172: {
    meaning: "The identity of the sender is not known on this node.",
    next: "If it lasts, check that the agent of the sender's node is connected to the Kubernetes API or the key-value store.",
  },
  173: {
    meaning:
      "Address translation was tried where none was needed. Part of normal work, not a loss.",
    next: "Nothing, unless connections fail.",
  },
  174: {
    meaning: "A ClusterIP was reached from outside the cluster, where it has no meaning.",
    next: "Use a NodePort, a LoadBalancer or an ingress, or allow external access to ClusterIPs (bpf-lb-external-clusterip).",
  },
  175: {
    meaning: "A later fragment came without its first one, so its ports are not known.",
    next: "Look for packet loss or reordering on the way, or lower the packet size of the sender.",
  },
  176: {
    meaning: "This ICMPv6 message must not be sent by a pod or must not reach it.",
    next: "See who sends it; router advertisements by pods are refused by design.",
  },
  177: {
    meaning: "The client's address is not in loadBalancerSourceRanges of the service.",
    next: "Check spec.loadBalancerSourceRanges, and whether the client's address is seen unchanged here.",
  },
  178: {
    meaning: "The socket that the packet was meant for was not found.",
    next: "Check whether the process (often the proxy) still listens.",
  },
  179: {
    meaning: "The packet could not be given to the socket of the proxy.",
    next: "Look at the log of the agent and of Envoy on the node.",
  },
  180: {
    meaning: "An L7 rule applies to a protocol that the proxy does not take.",
    next: "Restrict the L7 rule to ports and protocols that the proxy supports.",
  },
  181: {
    meaning:
      "A deny rule of a policy matches this connection. Deny rules win over every allow rule.",
    next: "Find the deny rule: the flow names its policy where the agent tells (denied by).",
  },
  182: {
    meaning: "The packet carries a VLAN tag that is not allowed on this device.",
    next: "Add the VLAN id to vlan-bpf-bypass if it is meant to pass.",
  },
  183: {
    meaning: "A packet of an external VTEP came with the wrong network id.",
    next: "Check the VTEP settings on both sides.",
  },
  184: {
    meaning: "A buffer of the datapath could not be read or written.",
    next: "Look at kernel and agent versions of the node, and report it to Cilium if it lasts.",
  },
  185: {
    meaning: "SRv6 knows no segment for the destination.",
    next: "Check the SRv6 policies and the BGP peering.",
  },
  186: {
    meaning: "SRv6 state was lost between two programs. Current versions do not report it.",
    next: "Check the version of the agent on this node.",
  },
  187: {
    meaning: "Translation from IPv4 to IPv6 failed.",
    next: "Check the addresses of the service and of its backends.",
  },
  188: {
    meaning: "Translation from IPv6 to IPv4 failed.",
    next: "Check the addresses of the service and of its backends.",
  },
  189: {
    meaning:
      "A policy asks for mutual authentication, and it has not happened (yet) between these identities.",
    next: "The first packets of a pair are normal; if it lasts, check SPIRE and the agent's log on both nodes.",
  },
  190: {
    meaning: "The connection tracking map of the endpoint was missing.",
    next: "Look at the agent's log for failed regenerations.",
  },
  191: {
    meaning: "The NAT map was missing.",
    next: "Look at the agent's log on the node.",
  },
  192: {
    meaning: "The id of the cluster in the packet is not valid.",
    next: "Check cluster ids of the mesh: each cluster needs its own.",
  },
  193: {
    meaning: "Direct server return cannot encapsulate this protocol.",
    next: "Use SNAT mode for this service, or a protocol that is supported.",
  },
  194: {
    meaning: "An egress gateway policy selects the traffic, and no gateway node matches it.",
    next: "Check the node selector of the CiliumEgressGatewayPolicy and whether that node is up.",
  },
  195: {
    meaning: "Strict encryption is on, and the packet would have left the node in clear.",
    next: "Check WireGuard between the two nodes and the agent's view of the peer.",
  },
  196: {
    meaning: "The packet's time to live ran out.",
    next: "Look for a routing loop; traceroute causes these on purpose.",
  },
  197: {
    meaning: "The id of the destination node is not known, which encryption needs.",
    next: "If it lasts, check that the node is registered as a CiliumNode.",
  },
  198: {
    meaning:
      "The node limits how often it answers (for instance ICMP errors), and the limit was reached.",
    next: "See who causes so many of them.",
  },
  199: {
    meaning: "An IGMP message was handled by the datapath. Part of normal work, not a loss.",
    next: "Nothing.",
  },
  200: {
    meaning: "An IGMP subscription was taken. Part of normal work, not a loss.",
    next: "Nothing.",
  },
  201: {
    meaning: "A multicast packet was copied to its receivers. Part of normal work, not a loss.",
    next: "Nothing.",
  },
  202: {
    meaning: "The host's own program was not loaded yet.",
    next: "Normal while the agent starts; if it lasts, look at the agent's log on this node.",
  },
  203: {
    meaning: "The endpoint's policy program was not loaded yet.",
    next: "Normal for a moment while a pod starts; if it lasts, look for failed regenerations in the agent's log.",
  },
  204: {
    meaning:
      "An egress gateway policy selects the traffic, and the gateway node has no address to send it from.",
    next: "Check egressIP and interface of the CiliumEgressGatewayPolicy on the gateway node.",
  },
  205: {
    meaning: "The packet was handed to the proxy in user space. Part of normal work, not a loss.",
    next: "Nothing, unless connections through an L7 rule fail.",
  },
};
